namespace GanFromScratch.Gan.Data;

/// <summary>A request to open a data set.</summary>
/// <param name="Name">One of <see cref="Datasets.Names"/>, or the path of a folder, a zip archive or an archive of NumPy's.</param>
public sealed record DatasetRequest(string Name)
{
    /// <summary>The only folder that is searched, from `--data-dir`; null: the search path.</summary>
    public string? DataDir { get; init; }

    /// <summary>The search path.</summary>
    public SearchPath SearchPath { get; init; } = SearchPath.FromEnvironment();

    /// <summary>Downloads MNIST if it isn't found.</summary>
    public Downloader Downloader { get; init; } = new();

    /// <summary>Receives the progress of a download.</summary>
    public IProgress<DownloadProgress>? Progress { get; init; }

    /// <summary>Cancels a download or the drawing of digits.</summary>
    public CancellationToken Cancel { get; init; }

    /// <summary>Number of digits to draw, for `digits`. Fewer digits are the first of more.</summary>
    public int DigitsCount { get; init; } = Digits.DefaultCount;

    /// <summary>The size of the pictures, and how they are made of files.</summary>
    public PictureRequest Pictures { get; init; } = new();

    /// <summary>Whether to skip unusable pictures of a folder; otherwise they are an error.</summary>
    public bool SkipBadFiles { get; init; }

    /// <summary>Whether a run goes on with the pictures, and needs all that it had: no message advises to skip any.</summary>
    public bool IsResumed { get; init; }

    /// <summary>Whether the decoded pictures of a folder may be kept in the cache.</summary>
    public bool KeepsDecoded { get; init; } = true;

    /// <summary>Whether messages list all unusable pictures; otherwise the first ten.</summary>
    public bool ListsAll { get; init; }

    /// <summary>Receives how many pictures of a folder are read, from several threads.</summary>
    public IProgress<ReadingProgress>? Reading { get; init; }

    /// <summary>Threads that draw digits or read pictures; 0: one for each core.</summary>
    public int Threads { get; init; }

    /// <summary>The part of MNIST to open.</summary>
    public MnistPart Part { get; init; } = MnistFiles.Training;
}

/// <summary>How far the pictures of a folder are read.</summary>
/// <param name="Done">Pictures that are read.</param>
/// <param name="All">All pictures.</param>
public readonly record struct ReadingProgress(int Done, int All);

/// <summary>An opened data set.</summary>
/// <param name="Images">The pictures.</param>
/// <param name="Description">The name of the set, and the reason for it.</param>
/// <param name="Warnings">Warnings, a sentence or two each.</param>
public sealed record OpenedDataset(ImageSet Images, string Description, IReadOnlyList<string> Warnings);
