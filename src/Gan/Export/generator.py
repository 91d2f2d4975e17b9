"""
The generator of a run of gan's recipe {{recipe}}, for PyTorch. Written by `gan export --torch`.

    generator = Generator.load()
    with torch.no_grad():
        pictures = generator({{example}})
"""
import json
import pathlib

import torch
from torch import nn
from torch.nn import functional


class Generator(nn.Module):
    """{{about}}"""

    def __init__(self):
        super().__init__()
{{layers}}

    def forward(self, {{arguments}}):
{{forward}}
        return x

    @classmethod
    def load(cls, path=None):
        """A generator with the weights of a safetensors file; without a path, of {{weights}} beside this one."""
        path = pathlib.Path(path or pathlib.Path(__file__).with_name('{{weights}}'))
        data = bytearray(path.read_bytes())
        length = int.from_bytes(data[:8], 'little')
        tensors, values = json.loads(data[8:8 + length]), memoryview(data)[8 + length:]
        state = {
            name: torch.frombuffer(values[slice(*tensor['data_offsets'])], dtype=torch.float32).reshape(tensor['shape'])
            for name, tensor in tensors.items() if name != '__metadata__'}
        generator = cls()
        generator.load_state_dict(state)
        return generator.eval()
