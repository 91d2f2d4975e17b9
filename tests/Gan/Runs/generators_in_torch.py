"""
Draws with exported generators: for each folder in the folder given, `generator.py`, `generator.safetensors` and `noise.f32` make `pictures.f32`. Classes are
0, 1, 2, ... over and over.
"""
import importlib.util
import inspect
import pathlib
import sys

import torch

torch.set_num_threads(2)
for folder in pathlib.Path(sys.argv[1]).iterdir():
    spec = importlib.util.spec_from_file_location('generator', folder / 'generator.py')
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    generator = module.Generator.load()
    noise = torch.frombuffer(bytearray((folder / 'noise.f32').read_bytes()), dtype=torch.float32).reshape(int(sys.argv[2]), -1)
    classes = [torch.arange(len(noise)) % generator.emb.num_embeddings] if 'classes' in inspect.signature(generator.forward).parameters else []
    with torch.no_grad():
        pictures = generator(noise, *classes).permute(0, 2, 3, 1).contiguous()
    (folder / 'pictures.f32').write_bytes(pictures.numpy().tobytes())
