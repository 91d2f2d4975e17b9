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

/// <summary>`gan evaluate`: how good a generator's pictures are, or pictures made elsewhere.</summary>
internal sealed class EvaluateCommand : GanCommand
{
    private const int DefaultCount = 10_000, MostPictures = 50_000, MostGiven = 100_000;
    private readonly RecipeBook _book;
    private readonly Argument<string> _run;
    private readonly Option<string> _images, _count, _seed, _dataset, _dataDir, _output, _device, _threads;
    private readonly Option<bool> _skipBadFiles;

    public EvaluateCommand(RecipeBook book)
        : base("evaluate", "Measures how close a generator's pictures are to its data set")
    {
        _book = book;
        _run = new Argument<string>("RUN") { Description = "The run's folder, or its generator.safetensors, or a checkpoint", Arity = ArgumentArity.ZeroOrOne };
        Add(_run);
        _images = Value("--images", "FILE.npz|DIR", "Instead of a run: pictures made elsewhere, an array `images` of uint8, or a folder of PNG files");
        _skipBadFiles = Flag("--skip-bad-files", "Leaves out the pictures of such a folder that can't be used");
        _count = Value("--count", "N", $"Pictures, from {ReferenceSet.Fewest} on; {DefaultCount} unless given, and of --images at most those that there are");
        _seed = Value("--seed", "N", "Of the noise; 0 unless given");
        _dataset = Value("--dataset", string.Join('|', Datasets.Names), "What they are held against; the run's own unless given, and auto for pictures made elsewhere");
        _dataDir = Value("--data-dir", "DIR", "The one folder where the data set's files are looked for");
        _output = Value("--output", "DIR", "Where evaluation.json and neighbours.png go, in place of earlier ones; the run's folder, or the current one");
        _device = Value("--device", DeviceChoice.Kinds, "Where it computes; the cpu unless given, where the classifier always learns");
        _threads = Value("--threads", "N", "Threads of the cpu; one a core unless given");
    }

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("gan evaluate runs/0001-odog-mnist", "10,000 pictures against MNIST's test pictures; evaluation.json in the run's folder"),
        ("gan evaluate runs/0001-odog-mnist --count 2000 --seed 7 --output second", "fewer, from other noise, noted elsewhere"),
        ("gan evaluate --images pictures.npz --dataset mnist", "pictures of another program"),
    ];

    public override ExitCode Run(ParseResult given, Screen screen)
    {
        string? run = given.GetValue(_run), images = given.GetValue(_images);
        if (run is null == images is null)
        {
            throw new GanException(
                ExitCode.Usage, run is null
                    ? "`gan evaluate` needs a run, or --images: `gan evaluate runs/0001-odog-mnist`."
                    : "RUN and --images both name pictures to judge. Leave one of them out.");
        }
        int count = given.Whole(_count, ReferenceSet.Fewest, MostPictures) ?? DefaultCount;
        ulong seed = given.Seed(_seed) ?? 0;
        var choice = DeviceChoice.Of(given.GetValue(_device) ?? "cpu", given.Whole(_threads, 1, DeviceChoice.MostThreads));
        string output = given.GetValue(_output) ?? (Directory.Exists(run) ? run : ".");
        if (output.Length == 0)
            throw new GanException(ExitCode.Usage, "--output is empty. Name a folder.");
        RunFolder.RequireWritable(output);
        var request = RequestOf(given, run, screen, choice);
        if (images is not null && !Path.Exists(images))
            throw new GanException(ExitCode.Data, $"--images: there is no '{images}'. Name an .npz file or a folder of PNG files.");
        choice.Warn(screen);
        using var device = choice.Open();
        string? file = run is null ? null : GeneratorFile.Find(run, screen);
        var generator = file is null ? null : GeneratorFile.Read(_book, file, device);

        var real = screen.During(() => ReferenceSet.Open(request));
        foreach (string warning in real.Warnings)
            screen.Warn(warning);
        var pictures = generator is not null
            ? Drawn(generator, real, device, seed, count)
            : Given(images!, real, count, seed, given.GetValue(_skipBadFiles), choice.HostThreads, screen);
        var cache = new ClassifierCache(Path.Combine(request.Places.Cache, "classifiers"), screen);
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
            var (json, picture) = report.Write(output);
            screen.Say($"pictures    {pictures.Count:N0} from {report.From}");
            screen.Say($"data        {real.Name} from {real.Where}");
            screen.Say($"classifier  finds the class of {100 * accuracy:0.00} % of the {report.TestDescription}");
            screen.Say();
            report.Say(screen);
            screen.Say();
            screen.Say($"{json} has all of it, {picture} eight pictures with their nearest training pictures beside them.");
        }
        return ExitCode.Done;
    }

    private DatasetRequest RequestOf(ParseResult given, string? run, Screen screen, DeviceChoice choice)
    {
        string? dataset = given.GetValue(_dataset);
        var known = dataset is null && Directory.Exists(run) ? RunDataset.Of(run) : null;
        string name = dataset ?? known?.Name ?? "auto";
        Datasets.Check(name);
        var places = SearchPath.OfThisMachine();
        return new DatasetRequest(name)
        {
            DataDir = given.GetValue(_dataDir) ?? known?.FolderOfItsOwn(places),
            Places = places,
            Progress = new DownloadLines(screen),
            Threads = choice.HostThreads,
        };
    }

    private static ImageBytes Drawn(SavedGenerator generator, ReferenceSet real, Device device, ulong seed, int count)
    {
        RequireShape("The generator makes pictures", generator.Shape, real);
        return new ImageBytes(generator.Shape, new GeneratorPictures(generator, device).OfSeed(seed, count));
    }

    private static ImageBytes Given(string images, ReferenceSet real, int most, ulong seed, bool skipBad, int threads, Screen screen)
    {
        ImageBytes pictures;
        if (Directory.Exists(images))
        {
            var (set, warnings) = PictureFolder.Load(images, skipBad, threads);
            foreach (string warning in warnings)
                screen.Warn(warning);
            pictures = set.Bytes;
            RequireShape($"{images} holds pictures", pictures.Shape, real);
        }
        else
        {
            pictures = NpzFile.Read(images, real.Test.Shape, MostGiven);
        }
        if (pictures.Count > most)
        {
            screen.Warn($"{images} holds {pictures.Count:N0} pictures: {most:N0} of them are judged, at random. --count judges more.");
            pictures = pictures.Subsample(most, SeedStream.Subsets.Of(seed));
        }
        return pictures.Count >= ReferenceSet.Fewest ? pictures : throw new GanException(
            ExitCode.Data, $"{images} holds {Plural.Of(pictures.Count, "picture")}, and fewer than {ReferenceSet.Fewest} say nothing. Make more.");
    }

    private static void RequireShape(string whose, PictureShape shape, ReferenceSet real)
    {
        if (shape != real.Test.Shape)
        {
            throw new GanException(
                ExitCode.Data, $"{whose} of {shape}, and those of {real.Name} are {real.Test.Shape}. Name the data set that they are like with --dataset.");
        }
    }
}
