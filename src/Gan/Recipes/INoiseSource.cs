using GanFromScratch.Autograd;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan.Recipes;

/// <summary>Where a step's noise comes from: random streams in training, given numbers when a step is checked.</summary>
public interface INoiseSource
{
    /// <summary>Noise [count, z] for one purpose: `z` where a step has one noise, `z_d` and `z_g` where the networks have their own. The caller disposes it.</summary>
    Tensor Draw(string purpose, int count);

    /// <summary>The first noises of the sample grids, the same at every call. The caller disposes it.</summary>
    Tensor Fixed(int count);

    /// <summary>Dropout's masks.</summary>
    IMaskSource Masks { get; }

    /// <summary>The random numbers of regularisers: points between pictures, noise on them, flipped labels.</summary>
    RandomStream Regularisers { get; }
}
