using GanFromScratch.Autograd;
using GanFromScratch.Gan.Models;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Tests;

/// <summary>Two networks and a batch that are small enough for central differences of every kind.</summary>
internal sealed class SmallNetworks : IDisposable
{
    public const int Batch = 6, Pixels = 13, NoiseSize = 5;

    public SmallNetworks(bool spectralNorm)
    {
        var ofG = new LayerFactory(Device, Init.GlorotUniform, new RandomStream(5, 1));
        Generator = new SmallOdog().Generator(ofG, SteppedModel.Row(Pixels));
        var make = new LayerFactory(Device, Init.GlorotUniform, new RandomStream(5, 2), spectralNorm ? new RandomStream(5, 3) : null);
        Discriminator = new(make.Linear(Pixels, 9, new LeakyRelu(0.2f)), make.Linear(9, 7, default(Tanh)), make.Linear(7, 1));
        Real = Some(10, Pixels);
        Fake = Some(11, Pixels);
        Noise = Some(12, NoiseSize);
        OfReals = Tensor.From(Device, new Shape(Batch, 1), [0.9f, 0.9f, 0f, 0.9f, 0.9f, 0.9f]);
        OfFakes = Tensor.From(Device, new Shape(Batch, 1), [0f, 0f, 0f, 0.9f, 0f, 0f]);
    }

    public CpuDevice Device { get; } = new(1);

    public Sequential Generator { get; }

    public Sequential Discriminator { get; }

    public Tensor Real { get; }

    public Tensor Fake { get; }

    public Tensor Noise { get; }

    public Tensor OfReals { get; }

    public Tensor OfFakes { get; }

    public void Dispose()
    {
        foreach (var tensor in (Tensor[])[Real, Fake, Noise, OfReals, OfFakes])
            tensor.Dispose();
        Device.Dispose();
    }

    private Tensor Some(uint stream, int columns)
    {
        var tensor = new Tensor(Device, new Shape(Batch, columns));
        RandomNumbers.Uniform(new RandomStream(1, stream), -1, 1, tensor);
        return tensor;
    }
}
