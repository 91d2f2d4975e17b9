using System.CommandLine;
using GanFromScratch.Gan.Data;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Evaluation;
using GanFromScratch.Gan.Images;
using GanFromScratch.Gan.Options;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Gan.Runs;
using GanFromScratch.Gan.Terminal;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan.Commands;

/// <summary>`gan evaluate`: measures the quality of generated pictures.</summary>
internal sealed class EvaluateCommand(RecipeBook book)
    : GanCommand<EvaluateCommand.Request>("evaluate", "Measures how close generated pictures are to a data set")
{
    private const int MaxPictures = 50_000, DefaultPictures = 10_000;

    /// <inheritdoc/>
    public override string? DescriptionOf(string option) => option switch
    {
        "--device" => "The device; the classifier is always trained on the cpu",
        "--count" => $"Number of pictures, at least {ReferenceSet.Enough} for a classifier",
        _ => null,
    };

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("gan evaluate runs/0001-odog-mnist", "10,000 pictures against MNIST's test pictures; evaluation.json in the run's folder"),
        ("gan evaluate runs/0001-odog-mnist --count 2000 --seed 7 --output second", "fewer pictures, from another seed, in another folder"),
        ("gan evaluate --images pictures.npz --dataset mnist", "pictures of another program"),
        ("gan evaluate --images made --dataset ./pictures", "a folder of them against a folder of your own"),
    ];

    public override ExitCode Run(ParseResult given, Screen screen, Interruption interruption)
    {
        var asked = Read(given);
        string? run = asked.Run, images = asked.Images;
        string output = asked.Output ?? (Directory.Exists(run) ? run : ".");
        ulong seed = asked.Seed;
        var choice = asked.On.Choose();
        Check(asked, output);
        var request = RequestOf(asked, given, screen, choice);
        choice.Warn(screen);
        using var device = choice.Open();
        string? file = run is null ? null : GeneratorFile.Find(run, screen);
        var generator = file is null ? null : GeneratorFile.Read(book, file, device);

        var real = screen.During(() => ReferenceSet.Open(request, asked.Features));
        foreach (string warning in real.Warnings)
            screen.Warn(warning);
        // smaller sets are farther apart, so as many as the real ones beside them; of known sets, what published figures have
        int count = asked.Count ?? Math.Min(DefaultPictures, real.IsOwn ? real.HeldBack.Count : DefaultPictures);
        if (count < real.FewestPictures)
        {
            throw new GanException(
                ExitCode.Usage, $"--count: {count} pictures are too few to be compared here. Give at least {real.FewestPictures}.");
        }
        int most = Array.MaxLength / real.Test.Shape.Length;
        if (count > most)
            throw new GanException(ExitCode.Usage, $"--count: at most {most:N0} pictures of {real.Test.Shape} fit.");
        var pictures = generator is not null
            ? Generated(generator, real, device, seed, count)
            : new GivenPictures(images!) { Request = request, Resize = asked.Resize }.Read(real, count, seed, screen);
        var (extractor, accuracy) = Learn(real, request.SearchPath, device, choice.HostThreads, screen);
        using (extractor)
        {
            byte[]? askedFor = AskedOf(asked, generator, real, count);
            int threads = choice.HostThreads;
            var report = new EvaluationReport
            {
                Of = generator?.Recipe.Name ?? "given",
                From = file ?? images!,
                Seed = seed,
                Device = choice.Name,
                Pictures = pictures,
                Real = real,
                Extractor = extractor,
                Accuracy = accuracy,
                Result = screen.During(() => EvaluationResult.Of(pictures, askedFor, real, extractor, device, threads, seed)),
            };
            Say(screen, report, report.Write(output));
        }
        return ExitCode.Done;
    }

    // a conditional generator's pictures are of one class after another; null where the data set may have others
    private static byte[]? AskedOf(Request asked, SavedGenerator? generator, ReferenceSet real, int count)
    {
        if (generator is not { Classes: > 0 } || generator.Classes != real.Classes.Count)
            return null;
        bool areItsOwn = asked.Dataset is null
            ? RunDataset.IfKnown(asked.Run!) is not null
            : generator.ClassNames?.SequenceEqual(real.Classes) == true;
        return areItsOwn ? [.. Enumerable.Range(0, count).Select(i => (byte)(i % generator.Classes))] : null;
    }

    private static (IFeatureExtractor Extractor, double? Accuracy) Learn(
        ReferenceSet real, SearchPath searchPath, Device device, int threads, Screen screen)
    {
        if (real.Features == FeatureKind.Pixels)
            return (screen.During(() => PixelPca.Fit(device, real.Learnt, threads, $"{real.Name} from {real.Where}")), null);
        return new ClassifierCache(Path.Combine(searchPath.Cache, "classifiers"), screen).Get(real, device, threads);
    }

    private static void Check(Request asked, string output)
    {
        string? run = asked.Run, images = asked.Images;
        if (run is null == images is null)
        {
            throw new GanException(
                ExitCode.Usage, run is null
                    ? "`gan evaluate` needs a run, or --images: `gan evaluate runs/0001-odog-mnist`."
                    : "RUN and --images exclude each other. Leave one of them out.");
        }
        if (output.Length == 0)
            throw new GanException(ExitCode.Usage, "--output is empty. Name a folder.");
        RunFolder.RequireWritable(output);
        if (asked.Resize && (run is not null || (File.Exists(images) && !GivenPictures.AreFiles(images))))
            throw new GanException(ExitCode.Usage, "--resize is for --images that are a folder or a .zip of pictures. Leave it out.");
        if (images is not null && !Path.Exists(images))
            throw new GanException(ExitCode.Data, $"--images: there is no '{images}'. Name an .npz file, or a folder or .zip of pictures.");
    }

    private static void Say(Screen screen, EvaluationReport report, (string Json, string Picture) files)
    {
        screen.Say($"pictures    {report.Pictures.Count:N0} from {report.From}");
        screen.Say($"data        {report.Real.Name} from {report.Real.Where}");
        report.Say(screen);
        screen.Say();
        screen.Say($"{files.Json} has all values, {files.Picture} the nearest training pictures of eight pictures.");
    }

    private DatasetRequest RequestOf(Request asked, ParseResult given, Screen screen, DeviceChoice choice)
    {
        string? dataset = asked.Dataset, run = asked.Run;
        // another data set is held against in the run's size
        var known = run is null ? null : dataset is null ? RunDataset.OfFile(run) : RunDataset.IfKnown(run);
        string name = dataset ?? known?.Name ?? "auto";
        if (run is not null && dataset is null && known is null)
            screen.Warn($"{run} lies in no run's folder, so nothing tells which pictures it was trained on. Name them with --dataset.");
        Datasets.Check(name);
        var searchPath = SearchPath.FromEnvironment();
        return new DatasetRequest(name)
        {
            DataDir = asked.DataDir ?? (dataset is null ? known?.FolderOfItsOwn(searchPath) : null),
            SearchPath = searchPath,
            Progress = new DownloadLines(screen),
            Threads = choice.HostThreads,
            SkipBadFiles = asked.SkipBadFiles || known?.SkipBadFiles == true,
            Pictures = known is null ? asked.Pictures : Options.Read(given, new Request { Pictures = known.Pictures }).Pictures,
            Reading = new ReadingLines(screen),
            ListsAll = screen.IsVerbose,
        };
    }

    private static ImageBytes Generated(SavedGenerator generator, ReferenceSet real, Device device, ulong seed, int count)
    {
        if (generator.Shape != real.Test.Shape)
        {
            throw new GanException(
                ExitCode.Data,
                $"The generator's pictures are {generator.Shape}, and those of {real.Name} are {real.Test.Shape}. Name a data set of that "
                + "shape with --dataset, or have its pictures scaled with --resolution and --channels.");
        }
        return new ImageBytes(generator.Shape, new GeneratorPictures(generator, device).OfSeed(seed, count));
    }

    /// <summary>The options and arguments.</summary>
    internal sealed record Request
    {
        [Argument("RUN", "A run's folder, its generator.safetensors, or a checkpoint")]
        public string? Run { get; init; }

        [Option(
            "--images", "Pictures of another program: an array `images` of uint8, or a folder or .zip of pictures",
            Value = "FILE.npz|DIR|FILE.zip")]
        public string? Images { get; init; }

        [Option("--skip-bad-files", "Skips unusable pictures of a folder")]
        public bool SkipBadFiles { get; init; }

        [Option("--resize", "Crops and scales pictures of such a folder that are of another size than the data set's")]
        public bool Resize { get; init; }

        [Option(
            "--count", "Number of pictures", Value = "N", Min = ReferenceSet.Fewest, Max = MaxPictures,
            Default = "10000; on your own pictures, as many as are held back of them")]
        public int? Count { get; init; }

        [Option(
            "--features", "What pictures are compared by: what a classifier of the data set sees, or their pixels",
            Default = "classifier; pixels without labels, or on few pictures")]
        public FeatureKind? Features { get; init; }

        [Option("--seed", "Seed of the noise", Value = "N")]
        public ulong Seed { get; init; }

        [Option("--dataset", "The data set; DIR: your own pictures", Choices = typeof(SetNames), Default = "the run's; auto with --images")]
        public string? Dataset { get; init; }

        [Option("--data-dir", "The only folder that is searched for the data set", Value = "DIR")]
        public string? DataDir { get; init; }

        [Options]
        public PictureRequest Pictures { get; init; } = new();

        [Option(
            "--output", "Folder for evaluation.json and neighbours.png", Value = "DIR", Default = "the run's folder, or the current one")]
        public string? Output { get; init; }

        [Options]
        public DeviceRequest On { get; init; } = new();
    }

    private sealed class SetNames : IChoices
    {
        public IReadOnlyList<string> Words => Datasets.Names;

        public string? Others => "DIR";
    }
}
