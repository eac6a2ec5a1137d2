"""The words of TensorFlow Lite by their numbers: operations, types, activations.

Learned from schema.fbs of tflite-micro (90b983c).
"""

from __future__ import annotations

_OPERATIONS = """
add average_pool_2d concatenation conv_2d depthwise_conv_2d depth_to_space dequantize
embedding_lookup floor fully_connected hashtable_lookup l2_normalization l2_pool_2d
local_response_normalization logistic lsh_projection lstm max_pool_2d mul relu relu_n1_to_1 relu6
reshape resize_bilinear rnn softmax space_to_depth svdf tanh concat_embeddings skip_gram call
custom embedding_lookup_sparse pad unidirectional_sequence_rnn gather batch_to_space_nd
space_to_batch_nd transpose mean sub div squeeze unidirectional_sequence_lstm strided_slice
bidirectional_sequence_rnn exp topk_v2 split log_softmax delegate bidirectional_sequence_lstm cast
prelu maximum arg_max minimum less neg padv2 greater greater_equal less_equal select slice sin
transpose_conv sparse_to_dense tile expand_dims equal not_equal log sum sqrt rsqrt shape pow
arg_min fake_quant reduce_prod reduce_max pack logical_or one_hot logical_and logical_not unpack
reduce_min floor_div reduce_any square zeros_like fill floor_mod range resize_nearest_neighbor
leaky_relu squared_difference mirror_pad abs split_v unique ceil reverse_v2 add_n gather_nd cos
where rank elu reverse_sequence matrix_diag quantize matrix_set_diag round hard_swish if while
non_max_suppression_v4 non_max_suppression_v5 scatter_nd select_v2 densify segment_sum
batch_matmul placeholder_for_greater_op_codes cumsum call_once broadcast_to rfft2d conv_3d imag
real complex_abs hashtable hashtable_find hashtable_import hashtable_size reduce_all
conv_3d_transpose var_handle read_variable assign_variable broadcast_args random_standard_normal
bucketize random_uniform multinomial gelu dynamic_update_slice relu_0_to_1 unsorted_segment_prod
unsorted_segment_max unsorted_segment_sum atan2 unsorted_segment_min sign bitcast bitwise_xor
right_shift
"""
OPERATIONS = _OPERATIONS.split()
CUSTOM = OPERATIONS.index("custom")

BITS = {
    0: 32, 1: 16, 2: 32, 3: 8, 4: 64, 6: 8, 7: 16, 8: 64, 9: 8, 10: 64, 11: 128, 12: 64, 15: 32,
    16: 16, 17: 4, 18: 16, 19: 2, 20: 4, 21: 8, 22: 8,
}  # fmt: skip
"""Bits of a number, by its type; of texts and the like there are none."""
FLOAT, _INT32, INT16, INT8 = 0, 2, 7, 9
WEIGHTS = (0, 1, 3, 7, 9, 10, 17, 18, 19, 20, 21, 22)
"""Types in which weights are stored: floats and narrow integers. Sizes and axes are others."""

ACTIVATIONS = {1: "relu", 2: "relu_n1_to_1", 3: "relu6", 4: "tanh", 5: "sign_bit"}
"""Those that may be part of an operation, not all of them words of the language."""
