using System.CommandLine;
using GanFromScratch.Gan.Data;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Evaluation;
using GanFromScratch.Gan.Images;
using GanFromScratch.Gan.Models;
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
    private const int MaxPictures = 50_000;

    /// <inheritdoc/>
    public override string? DescriptionOf(string option) => option switch
    {
        "--device" => "The device; the classifier is always trained on the cpu",
        "--count" => $"Number of pictures, at least {ReferenceSet.Fewest}",
        _ => null,
    };

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("gan evaluate runs/0001-odog-mnist", "10,000 pictures against MNIST's test pictures; evaluation.json in the run's folder"),
        ("gan evaluate runs/0001-odog-mnist --count 2000 --seed 7 --output second", "fewer pictures, from another seed, in another folder"),
        ("gan evaluate --images pictures.npz --dataset mnist", "pictures of another program"),
    ];

    public override ExitCode Run(ParseResult given, Screen screen)
    {
        var asked = Read(given);
        string? run = asked.Run, images = asked.Images;
        string output = asked.Output ?? (Directory.Exists(run) ? run : ".");
        var (count, seed) = (asked.Count, asked.Seed);
        var choice = asked.On.Choose();
        Check(run, images, output);
        var request = RequestOf(asked, screen, choice);
        choice.Warn(screen);
        using var device = choice.Open();
        string? file = run is null ? null : GeneratorFile.Find(run, screen);
        var generator = file is null ? null : GeneratorFile.Read(book, file, device);

        var real = screen.During(() => ReferenceSet.Open(request));
        foreach (string warning in real.Warnings)
            screen.Warn(warning);
        var pictures = generator is not null
            ? Generated(generator, real, device, seed, count)
            : FromFile(images!, real, count, seed, asked.SkipBadFiles, choice.HostThreads, screen);
        var cache = new ClassifierCache(Path.Combine(request.SearchPath.Cache, "classifiers"), screen);
        var (classifier, accuracy) = cache.Get(real, device, choice.HostThreads);
        using (classifier)
        {
            var report = new EvaluationReport
            {
                Of = generator?.Recipe.Name ?? "given",
                From = file ?? images!,
                Seed = seed,
                Device = choice.Name,
                Pictures = pictures,
                Real = real,
                Accuracy = accuracy,
                Result = EvaluationResult.Of(pictures, real, classifier, device, choice.HostThreads, seed),
            };
            Say(screen, report, report.Write(output));
        }
        return ExitCode.Done;
    }

    private static void Check(string? run, string? images, string output)
    {
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
        if (images is not null && !Path.Exists(images))
            throw new GanException(ExitCode.Data, $"--images: there is no '{images}'. Name an .npz file or a folder of pictures.");
    }

    private static void Say(Screen screen, EvaluationReport report, (string Json, string Picture) files)
    {
        screen.Say($"pictures    {report.Pictures.Count:N0} from {report.From}");
        screen.Say($"data        {report.Real.Name} from {report.Real.Where}");
        screen.Say($"classifier  accuracy {100 * report.Accuracy:0.00} % on the {report.TestDescription}");
        screen.Say();
        report.Say(screen);
        screen.Say();
        screen.Say($"{files.Json} has all values, {files.Picture} the nearest training pictures of eight pictures.");
    }

    private DatasetRequest RequestOf(Request asked, Screen screen, DeviceChoice choice)
    {
        string? dataset = asked.Dataset, run = asked.Run;
        var known = dataset is null && Directory.Exists(run) ? RunDataset.Of(run) : null;
        string name = dataset ?? known?.Name ?? "auto";
        Datasets.Check(name);
        var searchPath = SearchPath.FromEnvironment();
        return new DatasetRequest(name)
        {
            DataDir = asked.DataDir ?? known?.FolderOfItsOwn(searchPath),
            SearchPath = searchPath,
            Progress = new DownloadLines(screen),
            Threads = choice.HostThreads,
        };
    }

    private static ImageBytes Generated(SavedGenerator generator, ReferenceSet real, Device device, ulong seed, int count)
    {
        RequireShape("The generator's pictures", generator.Shape, real);
        return new ImageBytes(generator.Shape, new GeneratorPictures(generator, device).OfSeed(seed, count));
    }

    private static ImageBytes FromFile(
        string images, ReferenceSet real, int max, ulong seed, bool skipBad, int threads, Screen screen)
    {
        ImageBytes pictures;
        int held;
        if (Directory.Exists(images))
        {
            var opened = Datasets.Open(new DatasetRequest(images) { SkipBadFiles = skipBad, Threads = threads });
            foreach (string warning in opened.Warnings)
                screen.Warn(warning);
            RequireShape($"The pictures in {images}", opened.Images.Shape, real);
            held = opened.Images.Count;
            pictures = opened.Images.Bytes.Subsample(max, SeedStream.Subsets.Of(seed));
        }
        else
        {
            (pictures, held) = NpzFile.Read(images, real.Test.Shape, max, SeedStream.Subsets.Of(seed));
        }
        if (held > max)
            screen.Warn($"{images} holds {held:N0} pictures: {max:N0} of them are evaluated, picked at random; see --count.");
        return pictures.Count >= ReferenceSet.Fewest ? pictures : throw new GanException(
            ExitCode.Data, $"{images} holds {Plural.Of(pictures.Count, "picture")}, and {ReferenceSet.Fewest} are needed. Make more.");
    }

    private static void RequireShape(string which, PictureShape shape, ReferenceSet real)
    {
        if (shape != real.Test.Shape)
        {
            throw new GanException(
                ExitCode.Data,
                $"{which} are {shape}, and those of {real.Name} are {real.Test.Shape}. Name a data set of that shape with --dataset.");
        }
    }

    /// <summary>The options and arguments.</summary>
    internal sealed record Request
    {
        [Argument("RUN", "A run's folder, its generator.safetensors, or a checkpoint")]
        public string? Run { get; init; }

        [Option(
            "--images", "Pictures of another program: an array `images` of uint8, or a folder of pictures", Value = "FILE.npz|DIR")]
        public string? Images { get; init; }

        [Option("--skip-bad-files", "Skips unusable pictures of such a folder")]
        public bool SkipBadFiles { get; init; }

        [Option("--count", "Number of pictures", Value = "N", Min = ReferenceSet.Fewest, Max = MaxPictures)]
        public int Count { get; init; } = 10_000;

        [Option("--seed", "Seed of the noise", Value = "N")]
        public ulong Seed { get; init; }

        [Option("--dataset", "The data set", Choices = typeof(SetNames), Default = "the run's; auto with --images")]
        public string? Dataset { get; init; }

        [Option("--data-dir", "The only folder that is searched for the data set", Value = "DIR")]
        public string? DataDir { get; init; }

        [Option(
            "--output", "Folder for evaluation.json and neighbours.png", Value = "DIR", Default = "the run's folder, or the current one")]
        public string? Output { get; init; }

        [Options]
        public DeviceRequest On { get; init; } = new();
    }

    private sealed class SetNames : IChoices
    {
        public IReadOnlyList<string> Words => Datasets.Names;

        public string? Others => ""; // a folder is refused later, with its reason: it has no labels
    }
}
