using GanFromScratch.Gan.Images;
using GanFromScratch.Gan.Losses;
using GanFromScratch.Gan.Models;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan.Recipes;

/// <summary>What a recipe builds its model for.</summary>
/// <param name="Device">Where the networks lie.</param>
/// <param name="Picture">The shape of one picture.</param>
/// <param name="Seed">The run's seed.</param>
public sealed record BuildContext(Device Device, PictureShape Picture, ulong Seed)
{
    /// <summary>The loss and its regularisers; null: the recipe's own.</summary>
    public Objective? Objective { get; init; }

    /// <summary>The number of classes that a conditional recipe's networks are told; 0 for others.</summary>
    public int Classes { get; init; }

    /// <summary>What is asked of the optimisers; the recipe's own unless set.</summary>
    public OptimiserRequest Optimiser { get; init; } = new();
}
