using GanFromScratch.Gan.Data;
using GanFromScratch.Gan.Losses;
using GanFromScratch.Gan.Recipes;

namespace GanFromScratch.Gan.Training;

/// <summary>Everything that a training run is to do.</summary>
public sealed record TrainingPlan
{
    /// <summary>The recipe that trains.</summary>
    public required Recipe Recipe { get; init; }

    /// <summary>The pictures.</summary>
    public required ImageSet Images { get; init; }

    /// <summary>Pictures that are used.</summary>
    public required int ImagesUsed { get; init; }

    /// <summary>Pictures in a batch.</summary>
    public required int Batch { get; init; }

    /// <summary>The learning rate of both networks; null: the recipe's own rates.</summary>
    public float? LearningRate { get; init; }

    /// <summary>The loss and its regularisers; the recipe's own unless set.</summary>
    public Objective Objective { get => field ?? Recipe.Objective; init; }

    /// <summary>The seed of everything random.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Epochs to train; null: no bound.</summary>
    public int? Epochs { get; init; }

    /// <summary>Steps to train; null: no bound. With both bounds the first ends the run, with neither the recipe's own length.</summary>
    public int? Steps { get; init; }

    /// <summary>Pictures in a sample grid.</summary>
    public required int Samples { get; init; }

    /// <summary>Epochs from one grid to the next.</summary>
    public int SampleEvery { get; init; } = 1;

    /// <summary>Epochs from one checkpoint to the next; there is one at the end of a run as well.</summary>
    public int CheckpointEvery { get; init; } = 1;

    /// <summary>Whether a dead network or a collapsed generator ends training.</summary>
    public bool AbortOnCollapse { get; init; }

    /// <summary>Tells whether a run of any length draws a grid after this epoch.</summary>
    public bool IsSampled(int epoch) => epoch % SampleEvery == 0;
}
