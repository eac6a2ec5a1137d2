"""The input: that of the file, of the call, and one that looks as if channels came last."""

from tests.rows import each_of
from tests.texts import Texts

from bncalc.opening.model import Model, open_model


def opened(input: str, given: str = "") -> Model:
    text = f"input: {input}\nlayers: [relu]\n"
    return open_model(f"f.yaml{given}", files=Texts({"f.yaml": text}))


@each_of(
    [
        ("[224, 224, 3]", "", "f.yaml:1:8: warning: input is 224 channels of 224×3; "
         "channels come first: was 3, 224, 224 meant?"),
        ("[28, 28, 1]", "", "f.yaml:1:8: warning: input is 28 channels of 28×1; "
         "channels come first: was 1, 28, 28 meant?"),
        ("[48, 64, 3]", "", "f.yaml:1:8: warning: input is 48 channels of 64×3; "
         "channels come first: was 3, 48, 64 meant?"),
        ("[1, 3, 224, 224]", "", "f.yaml:1:8: warning: input is 1 channel of 3×224×224; "
         "the batch is --batch, not a part of the input: was 3, 224, 224 meant?"),
        ("[8, 28, 28, 1]", "", "f.yaml:1:8: warning: input is 8 channels of 28×28×1; channels "
         "come first, and the batch is --batch, not a part of the input: was 1, 28, 28 meant?"),
        ("[3, 224, 224]", "@224,224,3", "f.yaml: warning: the input that is given is 224 channels "
         "of 224×3; channels come first: was 3, 224, 224 meant?"),
    ],
)  # fmt: skip
def test_channels_that_stand_last_are_a_warning(input: str, given: str, warning: str) -> None:
    assert [str(problem) for problem in opened(input, given).warnings] == [warning]


@each_of(
    [
        ("[3, 224, 224]", ""),
        ("[256, 56, 56]", ""),
        ("[64, 32, 1]", ""),
        ("[3, 3, 3]", ""),
        ("[2, 44100]", ""),
        ("[3, 16, 112, 112]", ""),
        ("[1, 64, 128, 128]", ""),
        ("[512, 1, 7, 7]", ""),
        ("[3, 224, 224]", "@1,28,28"),
        ("[3, 224, 224]", "@320"),
        ("[224, 224, 3]", "@3,224,224"),
    ]
)
def test_other_sizes_are_taken_as_they_are(input: str, given: str) -> None:
    assert opened(input, given).warnings == ()
