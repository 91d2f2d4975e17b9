using GanFromScratch.Gan.Data;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Images;
using GanFromScratch.Gan.Losses;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Gan.Training;

namespace GanFromScratch.Gan.Runs;

/// <summary>The options of `gan train`, resolved as far as possible without the data.</summary>
internal sealed record TrainRequest
{
    /// <summary>The most pictures that a sample grid may have.</summary>
    public const int MostSamples = 4096;

    public required Recipe Recipe { get; init; }

    public required Objective Objective { get; init; }

    public required string Dataset { get; init; }

    public required string? DataDir { get; init; }

    public required DeviceChoice Device { get; init; }

    public required int? Epochs { get; init; }

    public required int? Steps { get; init; }

    /// <summary>Pictures in a batch; null: the recipe's own for the pictures' shape.</summary>
    public required int? Batch { get; init; }

    public required float? LearningRate { get; init; }

    public required ulong Seed { get; init; }

    public required int? Limit { get; init; }

    public required string? Output { get; init; }

    public required int Samples { get; init; }

    public required int SampleEvery { get; init; }

    public required int CheckpointEvery { get; init; }

    /// <summary>How many of the newest checkpoints stay.</summary>
    public required int Keep { get; init; }

    public required bool SkipBadFiles { get; init; }

    /// <summary>Whether collapse ends training.</summary>
    public required bool AbortOnCollapse { get; init; }

    public required bool DryRun { get; init; }

    /// <summary>Rows and columns of the sample grids: the recipe's, or nearly square for another number of pictures.</summary>
    public (int Rows, int Columns) Grid
    {
        get
        {
            var (rows, columns) = Recipe.SampleGrid;
            if (rows * columns == Samples)
                return (rows, columns);
            columns = (int)Math.Ceiling(Math.Sqrt(Samples));
            return ((Samples + columns - 1) / columns, columns);
        }
    }

    /// <summary>Returns the batch size for pictures of a shape.</summary>
    public int BatchFor(PictureShape picture) => Batch ?? Recipe.BatchFor(picture);

    /// <summary>Returns how many of a set's pictures are used.</summary>
    /// <exception cref="GanException">Usage: a batch is larger.</exception>
    public int Used(int count, PictureShape picture)
    {
        int batch = BatchFor(picture), pack = Objective.Pack;
        if (batch % pack != 0)
        {
            throw new GanException(
                ExitCode.Usage,
                $"A batch of {batch:N0} can't be put into packs of {pack}. "
                + $"Choose a --batch that is a multiple of {pack}, or another --pack.");
        }
        count -= Batches.SetAsideOf(Recipe, count);
        int used = Math.Min(Limit ?? count, count);
        if (batch > used)
        {
            throw new GanException(
                ExitCode.Usage,
                $"A batch of {batch:N0} is larger than the {used:N0} pictures that are used. "
                + $"Choose a --batch of at most {used}{(Limit is null ? "" : ", or a higher --limit")}.");
        }
        return used;
    }

    /// <summary>Makes the plan of the run.</summary>
    public TrainingPlan Plan(ImageSet images) => new()
    {
        Recipe = Recipe,
        Objective = Objective,
        Images = images,
        ImagesUsed = Used(images.Count, images.Shape),
        Batch = BatchFor(images.Shape),
        LearningRate = LearningRate,
        Seed = Seed,
        Epochs = Epochs,
        Steps = Steps,
        Samples = Samples,
        SampleEvery = SampleEvery,
        CheckpointEvery = CheckpointEvery,
        AbortOnCollapse = AbortOnCollapse,
    };
}
