using GanFromScratch.Autograd;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan.Recipes;

/// <summary>The source of a step's noise: random streams in training, given numbers in a test.</summary>
public interface INoiseSource
{
    /// <summary>Draws noise vectors [count, z]. The caller disposes them.</summary>
    /// <param name="purpose">`z` if a step has one noise, else `z_d` and `z_g`.</param>
    /// <param name="count">How many.</param>
    Tensor Draw(string purpose, int count);

    /// <summary>Returns the first noise vectors [count, z] of the sample grids, the same at every call. The caller disposes them.</summary>
    Tensor Fixed(int count);

    /// <summary>Draws labels [count], uniform over the classes. The caller disposes them.</summary>
    /// <param name="purpose">The name of the labels in a step.</param>
    /// <param name="count">How many.</param>
    Tensor DrawLabels(string purpose, int count);

    /// <summary>Returns the source of dropout's masks for one of a step's passes through D: `real`, `fake` or `g`.</summary>
    IMaskSource MasksFor(string pass) => Masks;

    /// <summary>The source of dropout's masks.</summary>
    IMaskSource Masks { get; }

    /// <summary>The random numbers of regularisers: interpolates, instance noise, flipped labels.</summary>
    RandomStream Regularisers { get; }
}
