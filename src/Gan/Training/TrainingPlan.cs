using GanFromScratch.Gan.Data;
using GanFromScratch.Gan.Losses;
using GanFromScratch.Gan.Recipes;

namespace GanFromScratch.Gan.Training;

/// <summary>What a training run is to do, everything resolved.</summary>
public sealed record TrainingPlan
{
    /// <summary>What trains.</summary>
    public required Recipe Recipe { get; init; }

    /// <summary>The pictures.</summary>
    public required ImageSet Images { get; init; }

    /// <summary>How many of the pictures are used.</summary>
    public required int ImagesUsed { get; init; }

    /// <summary>Pictures in a batch.</summary>
    public required int Batch { get; init; }

    /// <summary>In place of the recipe's own learning rates.</summary>
    public float? LearningRate { get; init; }

    /// <summary>What is played for; the recipe's own unless given.</summary>
    public Objective Objective { get => field ?? Recipe.Objective; init; }

    /// <summary>The seed of everything random.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Epochs to train, or null.</summary>
    public int? Epochs { get; init; }

    /// <summary>Steps to train, or null. With epochs too, whichever comes first ends the run; with neither, the recipe's own length does.</summary>
    public int? Steps { get; init; }

    /// <summary>Pictures in a sample grid.</summary>
    public required int Samples { get; init; }

    /// <summary>Epochs from one grid to the next.</summary>
    public int SampleEvery { get; init; } = 1;

    /// <summary>Epochs from one checkpoint to the next; there is one at the end of a run as well.</summary>
    public int CheckpointEvery { get; init; } = 1;

    /// <summary>Whether a network that is dead, or a generator that has collapsed, ends training.</summary>
    public bool AbortOnCollapse { get; init; }

    /// <summary>Whether every run under these settings draws a grid after this epoch, whatever its length.</summary>
    public bool IsSampled(int epoch) => epoch % SampleEvery == 0;
}
