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


class Unflatten(nn.Module):
    """Rows of numbers as pictures: channels come last in files, and second in PyTorch."""
    def __init__(self, height, width, channels):
        super().__init__()
        self.shape = (height, width, channels)

    def forward(self, x):
        return x.reshape(-1, *self.shape).permute(0, 3, 1, 2)


class Flatten(nn.Module):
    """Pictures as rows of numbers, channels last."""
    def forward(self, x):
        return x.permute(0, 2, 3, 1).flatten(1)


class RowOfLabel(nn.Embedding):
    """The row of a label for each of a batch; here labels are 0, 1, 2, ... over and over."""
    def rows(self, x):
        return super().forward(torch.arange(len(x)) % self.num_embeddings)


class EmbeddingProduct(RowOfLabel):
    """Noise times the row of a label."""
    def forward(self, x):
        return x * self.rows(x)


class EmbeddingSum(RowOfLabel):
    """Noise plus the row of a label."""
    def forward(self, x):
        return x + self.rows(x)


def convolution(spec):
    """A convolution, after its zeros, or a transposed one."""
    window = spec['window']
    size = (window['height'], window['width'])
    if spec['kind'] == 'ConvTranspose2d':
        assert window['top'] == window['bottom'] == window['left'] == window['right']
        return [nn.ConvTranspose2d(spec['inputs'], spec['outputs'], size, window['stride'], window['top'])]
    zeros = nn.ZeroPad2d((window['left'], window['right'], window['top'], window['bottom']))
    return [zeros, nn.Conv2d(spec['inputs'], spec['outputs'], size, window['stride'])]


def modules(spec, of_pictures):
    """The modules of a layer."""
    assert not spec['spectral_norm'], 'only a discriminator has it'
    norm = nn.BatchNorm2d if of_pictures else nn.BatchNorm1d
    layers = {
        'Linear': lambda: [nn.Linear(spec['inputs'], spec['outputs'])],
        'Conv2d': lambda: convolution(spec),
        'ConvTranspose2d': lambda: convolution(spec),
        'BatchNorm': lambda: [norm(spec['outputs'], eps=spec['epsilon'], momentum=1 - spec['momentum'])],
        'Dropout': lambda: [nn.Dropout(1 - spec['keep'])],
        'Activation': lambda: [],
        'Unflatten': lambda: [Unflatten(*spec['picture'].values())],
        'Flatten': lambda: [Flatten()],
        'Upsample': lambda: [nn.Upsample(scale_factor=2)],
        'EmbeddingProduct': lambda: [EmbeddingProduct(spec['labels'], spec['outputs'])],
        'EmbeddingSum': lambda: [EmbeddingSum(spec['labels'], spec['outputs'])],
    }
    return layers[spec['kind']]() + activation(spec['activation'])


def network(specs):
    """The layers in order, under the file's names: fc1, bn1, fc2, ..."""
    counts, named, layers, of_pictures = {}, nn.Sequential(), [], False
    for spec in specs:
        layers += modules(spec, of_pictures)
        of_pictures = spec['kind'] == 'Unflatten' or of_pictures and spec['kind'] != 'Flatten'
    kinds = {nn.Linear: 'fc', nn.BatchNorm1d: 'bn', nn.BatchNorm2d: 'bn', nn.Conv2d: 'conv', nn.ConvTranspose2d: 'conv'}
    for place, layer in enumerate(layers):
        kind = kinds.get(type(layer))
        counts[kind] = counts.get(kind, 0) + 1
        name = f'{kind}{counts[kind]}' if kind else 'emb' if isinstance(layer, nn.Embedding) else f'plain{place}'
        named.add_module(name, layer)
    return named


torch.set_num_threads(2)
for recipe in sorted(os.listdir(sys.argv[1])):
    folder = os.path.join(sys.argv[1], recipe)
    tensors, texts = read(os.path.join(folder, 'generator.safetensors'))
    assert texts['recipe'] == recipe.split(',')[0]
    with open(os.path.join(folder, 'layers.json'), encoding='utf-8') as file:
        generator = network(json.load(file))
    noise = numpy.fromfile(os.path.join(folder, 'noise.f32'), '<f4').reshape(-1, int(texts['noise_size']))
    generator.load_state_dict(tensors)
    generator.eval()
    with torch.no_grad():
        generator(torch.from_numpy(noise)).numpy().astype('<f4').tofile(os.path.join(folder, 'pictures.f32'))
