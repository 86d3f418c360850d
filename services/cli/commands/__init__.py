"""The commands: each a thin function that reads its options and hands on."""
