"""
Draws with the generators of recipes in PyTorch: for each folder `RECIPE` in the folder given, `layers.json`, `generator.safetensors` and `noise.f32` make
`pictures.f32`.
"""
import json
import os
import sys

import numpy
import torch
from torch import nn


def read(path):
    """The tensors of a safetensors file by name, and its texts."""
    with open(path, 'rb') as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), 'little')))
        data = file.read()
    texts, tensors, taken = header.pop('__metadata__'), {}, 0
    for name, entry in header.items():
        begin, end = entry['data_offsets']
        assert entry['dtype'] == 'F32' and begin == taken, name
        values = numpy.frombuffer(data[begin:end], '<f4').reshape(entry['shape'])
        tensors[name] = torch.from_numpy(values.copy())
        taken = end
    assert taken == len(data), 'bytes that belong to no tensor'
    return tensors, texts


def activation(spec):
    """The modules of an activation: one, or none."""
    if spec is None:
        return []
    return [getattr(nn, spec['name'])(*[p for p in [spec['parameter']] if p is not None])]


def modules(spec):
    """The modules of a layer."""
    assert not spec['spectral_norm'], 'only a discriminator has it'
    layers = {
        'Linear': lambda: [nn.Linear(spec['inputs'], spec['outputs'])],
        'BatchNorm': lambda: [nn.BatchNorm1d(spec['outputs'], eps=spec['epsilon'], momentum=1 - spec['momentum'])],
        'Dropout': lambda: [nn.Dropout(1 - spec['keep'])],
        'Activation': lambda: [],
    }
    return layers[spec['kind']]() + activation(spec['activation'])


def network(specs):
    """The layers in order, under the file's names: fc1, bn1, fc2, ..."""
    counts, named = {}, nn.Sequential()
    for place, layer in enumerate(layer for spec in specs for layer in modules(spec)):
        kind = {nn.Linear: 'fc', nn.BatchNorm1d: 'bn'}.get(type(layer))
        counts[kind] = counts.get(kind, 0) + 1
        named.add_module(f'{kind}{counts[kind]}' if kind else f'plain{place}', layer)
    return named


torch.set_num_threads(2)
for recipe in sorted(os.listdir(sys.argv[1])):
    folder = os.path.join(sys.argv[1], recipe)
    tensors, texts = read(os.path.join(folder, 'generator.safetensors'))
    assert texts['recipe'] == recipe
    with open(os.path.join(folder, 'layers.json'), encoding='utf-8') as file:
        generator = network(json.load(file))
    noise = numpy.fromfile(os.path.join(folder, 'noise.f32'), '<f4').reshape(-1, int(texts['noise_size']))
    generator.load_state_dict(tensors)
    generator.eval()
    with torch.no_grad():
        generator(torch.from_numpy(noise)).numpy().astype('<f4').tofile(os.path.join(folder, 'pictures.f32'))
