using System.CommandLine;
using GanFromScratch.Gan.Data;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Evaluation;
using GanFromScratch.Gan.Images;
using GanFromScratch.Gan.Models;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Gan.Runs;
using GanFromScratch.Gan.Terminal;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan.Commands;

/// <summary>`gan evaluate`: measures the quality of generated pictures.</summary>
internal sealed class EvaluateCommand : GanCommand
{
    private const int DefaultCount = 10_000, MaxPictures = 50_000, MaxFromFile = 100_000;
    private readonly RecipeBook _book;
    private readonly Argument<string> _run;
    private readonly Option<string> _images, _count, _seed, _dataset, _dataDir, _output, _device, _threads;
    private readonly Option<bool> _skipBadFiles;

    public EvaluateCommand(RecipeBook book)
        : base("evaluate", "Measures how close generated pictures are to a data set")
    {
        _book = book;
        _run = OptionalRun();
        _images = Value("--images", "FILE.npz|DIR", "Pictures of another program: an array `images` of uint8, or a folder of PNG files");
        _skipBadFiles = Flag("--skip-bad-files", "Skips unusable pictures of such a folder");
        _count = Value("--count", "N", $"Number of pictures, at least {ReferenceSet.Fewest} [default: {DefaultCount}]");
        _seed = Value("--seed", "N", "Seed of the noise [default: 0]");
        _dataset = Value("--dataset", string.Join('|', Datasets.Names), "The data set [default: the run's; auto with --images]");
        _dataDir = Value("--data-dir", "DIR", "The only folder that is searched for the data set");
        _output = Value("--output", "DIR", "Folder for evaluation.json and neighbours.png [default: the run's folder, or the current one]");
        _device = Value("--device", DeviceChoice.Kinds, "The device; the classifier is always trained on the cpu [default: cpu]");
        _threads = Value("--threads", "N", "Threads of the cpu [default: one for each core]");
    }

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("gan evaluate runs/0001-odog-mnist", "10,000 pictures against MNIST's test pictures; evaluation.json in the run's folder"),
        ("gan evaluate runs/0001-odog-mnist --count 2000 --seed 7 --output second", "fewer pictures, from another seed, in another folder"),
        ("gan evaluate --images pictures.npz --dataset mnist", "pictures of another program"),
    ];

    public override ExitCode Run(ParseResult given, Screen screen)
    {
        string? run = given.GetValue(_run), images = given.GetValue(_images);
        string output = given.GetValue(_output) ?? (Directory.Exists(run) ? run : ".");
        int count = given.Whole(_count, ReferenceSet.Fewest, MaxPictures) ?? DefaultCount;
        ulong seed = given.Seed(_seed) ?? 0;
        var choice = DeviceChoice.Of(given.GetValue(_device) ?? "cpu", given.Whole(_threads, 1, DeviceChoice.MostThreads));
        Check(run, images, output);
        var request = RequestOf(given, run, screen, choice);
        choice.Warn(screen);
        using var device = choice.Open();
        string? file = run is null ? null : GeneratorFile.Find(run, screen);
        var generator = file is null ? null : GeneratorFile.Read(_book, file, device);

        var real = screen.During(() => ReferenceSet.Open(request));
        foreach (string warning in real.Warnings)
            screen.Warn(warning);
        var pictures = generator is not null
            ? Generated(generator, real, device, seed, count)
            : FromFile(images!, real, count, seed, given.GetValue(_skipBadFiles), choice.HostThreads, screen);
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
            throw new GanException(ExitCode.Data, $"--images: there is no '{images}'. Name an .npz file or a folder of PNG files.");
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

    private DatasetRequest RequestOf(ParseResult given, string? run, Screen screen, DeviceChoice choice)
    {
        string? dataset = given.GetValue(_dataset);
        var known = dataset is null && Directory.Exists(run) ? RunDataset.Of(run) : null;
        string name = dataset ?? known?.Name ?? "auto";
        Datasets.Check(name);
        var searchPath = SearchPath.FromEnvironment();
        return new DatasetRequest(name)
        {
            DataDir = given.GetValue(_dataDir) ?? known?.FolderOfItsOwn(searchPath),
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
        if (Directory.Exists(images))
        {
            var (set, warnings) = PictureFolder.Load(images, skipBad, threads);
            foreach (string warning in warnings)
                screen.Warn(warning);
            pictures = set.Bytes;
            RequireShape($"The pictures in {images}", pictures.Shape, real);
        }
        else
        {
            pictures = NpzFile.Read(images, real.Test.Shape, MaxFromFile);
        }
        if (pictures.Count > max)
        {
            screen.Warn($"{images} holds {pictures.Count:N0} pictures: {max:N0} of them are evaluated, picked at random; see --count.");
            pictures = pictures.Subsample(max, SeedStream.Subsets.Of(seed));
        }
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
}
