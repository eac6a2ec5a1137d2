"""What `bncalc` alone shows: the first things to do."""

WELCOME = """\
bncalc: what convolutional blocks and networks cost, worked out from shapes.

Three things to do first:
  bncalc block --cin 256 --mid 64        one block, its arithmetic written out
  bncalc show resnet50 --depth 1         a network, part by part
  bncalc compare resnet50 mobilenet_v2   designs side by side

bncalc list models     the shipped networks; your own is a few lines of YAML
bncalc --help          all commands; `bncalc COMMAND --help` is about one
"""
