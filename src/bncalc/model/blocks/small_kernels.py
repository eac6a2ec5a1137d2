"""A stack of small kernels for a large one."""

from typing import Annotated

from bncalc.errors import ShapeError
from bncalc.model.field_types import Integer
from bncalc.model.fields import Count
from bncalc.model.kind import field
from bncalc.model.net import Net, Tensor
from bncalc.model.op import Projecting


class SmallKernels(Projecting):
    """3×3 convolutions with the reach of one k×k: two for 5×5, three for 7×7."""

    kernel: Annotated[int, Integer(3, 999)] = field(
        5, doc="size of the kernel that the stack replaces (k): odd, 3 to 999"
    )
    stride: Count = field(1, doc="stride of the first convolution")

    paper = (
        "Simonyan and Zisserman 2014, arXiv:1409.1556, section 2.3; Szegedy et al. 2015, 1512.00567"
    )
    as_plain = ("kernel", "stride")

    def build(self, net: Net, x: Tensor) -> Tensor:
        out = self.width(x)
        if self.kernel % 2 != 1:
            message = f"kernel is {self.kernel}; a stack of 3×3 reaches odd sizes only"
            raise ShapeError(message, field="kernel", about="fields")
        y = net.conv(x, out, 3, stride=self.stride)
        for _ in range((self.kernel - 3) // 2):
            y = net.conv(y, out, 3)
        return y
