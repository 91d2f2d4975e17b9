using GanFromScratch.Autograd;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan.Models;

/// <summary>Makes layers on one device, with one way to begin and one source of random numbers.</summary>
/// <param name="device">Where the parameters lie.</param>
/// <param name="init">How weights begin.</param>
/// <param name="random">What they are drawn from.</param>
/// <param name="spectralNorm">Where dense layers divide their weights by their largest singular values, what the vectors for it are drawn from.</param>
public sealed class LayerFactory(Device device, Init init, RandomStream random, RandomStream? spectralNorm = null)
{
    /// <summary>A dense layer with an activation.</summary>
    public Module Linear<F>(int inputs, int outputs, F activation)
        where F : struct, IActivation => new Linear<F>(device, inputs, outputs, activation, init, random, spectralNorm);

    /// <summary>A dense layer without one.</summary>
    public Module Linear(int inputs, int outputs) => Linear(inputs, outputs, default(Identity));

    /// <summary>Batch normalisation with Keras' momentum.</summary>
    public Module BatchNorm(int channels, float momentum, float epsilon = 1e-3f) => new Autograd.BatchNorm(device, channels, momentum, epsilon);
}
