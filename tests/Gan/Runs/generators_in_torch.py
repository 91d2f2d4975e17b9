"""Draws with the generators of recipes in PyTorch: for each folder `RECIPE` in the folder given, `generator.safetensors` and `noise.f32` make `pictures.f32`."""
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


def keras(columns):
    return nn.BatchNorm1d(columns, eps=1e-3)


def odog(z, pixels):
    return [
        nn.Linear(z, 256), nn.LeakyReLU(0.2), keras(256),
        nn.Linear(256, 512), nn.LeakyReLU(0.2), keras(512),
        nn.Linear(512, 1024), nn.LeakyReLU(0.2), keras(1024),
        nn.Linear(1024, pixels), nn.Tanh()]


def hsu(z, pixels):
    return [
        nn.Linear(z, 128), nn.ReLU(),
        nn.Linear(128, 256), nn.ReLU(),
        nn.Linear(256, 512), nn.ReLU(),
        nn.Linear(512, pixels), nn.Tanh()]


def fabo(z, pixels):
    return [
        nn.Linear(z, 256), nn.LeakyReLU(0.2), nn.BatchNorm1d(256),
        nn.Linear(256, 512), nn.LeakyReLU(0.2), nn.BatchNorm1d(512),
        nn.Linear(512, 1024), nn.LeakyReLU(0.2), nn.BatchNorm1d(1024), nn.Dropout(0.5),
        nn.Linear(1024, pixels), nn.Sigmoid()]


def sdl(z, pixels):
    return [nn.Linear(z, 256), nn.ReLU(), nn.Linear(256, pixels), nn.Sigmoid()]


def lornatang(z, pixels):
    return [
        nn.Linear(z, 256), nn.LeakyReLU(0.2),
        nn.Linear(256, 512), keras(512), nn.LeakyReLU(0.2),
        nn.Linear(512, 1024), keras(1024), nn.LeakyReLU(0.2),
        nn.Linear(1024, pixels), nn.Tanh()]


def network(layers):
    """The layers in order, under the file's names: fc1, bn1, fc2, ..."""
    counts, named = {}, nn.Sequential()
    for place, layer in enumerate(layers):
        kind = {nn.Linear: 'fc', nn.BatchNorm1d: 'bn'}.get(type(layer))
        counts[kind] = counts.get(kind, 0) + 1
        named.add_module(f'{kind}{counts[kind]}' if kind else f'plain{place}', layer)
    return named


torch.set_num_threads(2)
recipes = {'odog': odog, 'hsu': hsu, 'fabo': fabo, 'sdl': sdl, 'lornatang': lornatang, 'stable': odog}
for recipe in sorted(os.listdir(sys.argv[1])):
    folder = os.path.join(sys.argv[1], recipe)
    tensors, texts = read(os.path.join(folder, 'generator.safetensors'))
    assert texts['recipe'] == recipe
    height, width, channels = map(int, texts['picture'].split('x'))
    noise = numpy.fromfile(os.path.join(folder, 'noise.f32'), '<f4').reshape(-1, int(texts['noise_size']))
    generator = network(recipes[recipe](noise.shape[1], height * width * channels))
    generator.load_state_dict(tensors)
    generator.eval()
    with torch.no_grad():
        generator(torch.from_numpy(noise)).numpy().astype('<f4').tofile(os.path.join(folder, 'pictures.f32'))
