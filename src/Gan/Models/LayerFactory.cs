using GanFromScratch.Autograd;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan.Models;

/// <summary>Makes layers on one device, with one initialisation and one source of random numbers.</summary>
/// <param name="device">The device of the parameters.</param>
/// <param name="init">The initialisation of weights.</param>
/// <param name="random">The random numbers that weights are drawn from.</param>
/// <param name="spectralNorm">The random numbers of spectral normalisation's vectors; null: layers aren't normalised.</param>
public sealed class LayerFactory(Device device, Init init, RandomStream random, RandomStream? spectralNorm = null)
{
    private static readonly Init OfTables = Init.Uniform(0.05f);

    /// <summary>The number of classes that a conditional network is told; 0: none.</summary>
    public int Classes { get; init; }

    /// <summary>Makes a dense layer with an activation.</summary>
    public Module Linear<F>(int inputs, int outputs, F activation)
        where F : struct, IActivation => new Linear<F>(device, inputs, outputs, activation, init, random, spectralNorm);

    /// <summary>Makes a dense layer without an activation.</summary>
    public Module Linear(int inputs, int outputs) => Linear(inputs, outputs, default(Identity));

    /// <summary>Makes a convolution with an activation.</summary>
    /// <param name="inputs">Channels of its input.</param>
    /// <param name="outputs">Channels of its output.</param>
    /// <param name="window">The window.</param>
    /// <param name="activation">The activation.</param>
    public Module Conv2d<F>(int inputs, int outputs, Window window, F activation)
        where F : struct, IActivation =>
        new Conv2d<F>(device, inputs, outputs, window, activation, init, random, transposed: false, spectralNorm);

    /// <summary>Makes a transposed convolution with an activation.</summary>
    /// <param name="inputs">Channels of its input.</param>
    /// <param name="outputs">Channels of its output.</param>
    /// <param name="window">The window of the convolution back.</param>
    /// <param name="activation">The activation.</param>
    public Module ConvTranspose2d<F>(int inputs, int outputs, Window window, F activation)
        where F : struct, IActivation =>
        new Conv2d<F>(device, inputs, outputs, window, activation, init, random, transposed: true, spectralNorm);

    /// <summary>Makes a batch normalisation with Keras' momentum.</summary>
    public Module BatchNorm(int channels, float momentum, float epsilon = 1e-3f) =>
        new Autograd.BatchNorm(device, channels, momentum, epsilon);

    /// <summary>Makes a product with an embedding of labels, whose table is uniform in ±0.05, as Keras has it.</summary>
    public Module EmbeddingProduct(int values) => new EmbeddingProduct(device, Classes, values, OfTables, random);

    /// <summary>Makes a sum with an embedding of labels, whose table is normal.</summary>
    public Module EmbeddingSum(int values) => new EmbeddingSum(device, Classes, values, Init.Normal(1f), random);

    /// <summary>Makes a projection: a dense layer [N, values] to [N, 1], and the inner product with an embedding of labels.</summary>
    public Module Projection(int values) =>
        new Sum(Linear(values, 1), new EmbeddingDot(device, Classes, values, init, random));
}
