"""Random model files: small networks of many kinds of entry, as text."""

from hypothesis import strategies as st

WIDTHS = st.sampled_from([1, 3, 4, 7, 8, 12, 16, 24, 32, 64])


@st.composite
def entries(draw: st.DrawFn) -> str:
    out, mid = draw(WIDTHS), draw(WIDTHS)
    width = draw(st.sampled_from([str(out), f"'=divisible({out}*width, 8)'", "=base", "=cin"]))
    word, arguments = draw(
        st.sampled_from(
            [
                ("conv", f"{{out: {width}, kernel: {draw(st.sampled_from([1, 3, 5]))}}}"),
                ("conv", f"{{out: {width}, groups: {draw(st.sampled_from([2, 4, '=cin']))}}}"),
                ("conv", f"{{out: {width}, stride: 2, norm: batch, bias: true}}"),
                ("bottleneck", f"{{mid: {mid}, out: {width}}}"),
                ("basic", f"{{out: {width}}}"),
                ("inverted_residual", f"{{expand: 4, out: {width}}}"),
                ("inverted_residual", f"{{expand: 2.5, out: {width}, se: 0.25}}"),
                ("depthwise_separable", f"{{out: {width}}}"),
                ("add", f"[[conv: {{out: {width}}}], [conv: {{out: {width}, kernel: 1}}]]"),
                ("concat", f"[[conv: {{out: {mid}}}], []]"),
                ("mine", f"{{wide: {mid}}}"),
                ("max_pool", "{kernel: 2, stride: 2}"),
            ]
        )
    )
    repeats = ["", "", ", repeat: 3", ", repeat: '=depths[0]'"]
    if word in ("conv", "bottleneck", "basic"):
        repeats.append(", repeat: 2, first: {out: 8}")
    return f"  - {{{word}: {arguments}{draw(st.sampled_from(repeats))}}}\n"


@st.composite
def files(draw: st.DrawFn) -> str:
    """Draw the text of a model file; not every one can be built."""
    defaults = draw(st.sampled_from(["{}", "{norm: batch}", "{norm: batch, bias: true}"]))
    layers = draw(st.lists(entries(), min_size=1, max_size=4))
    tail = draw(st.sampled_from(["", "  - global_avg_pool\n  - linear: {out: 10, bias: true}\n"]))
    return (
        f"input: [{draw(WIDTHS)}, 16, 16]\ndefaults: {defaults}  # é\n"
        f"vars: {{width: {draw(st.sampled_from(['1', '0.75']))}, base: 16, depths: [2, 4]}}\n"
        "define: {mine: {args: {wide: , narrow: 4}, layers: "
        "[{conv: {out: =narrow}}, {conv: {out: =wide}}]}}\nlayers:\n" + "".join(layers) + tail
    )
