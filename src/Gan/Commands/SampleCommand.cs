using System.CommandLine;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Images;
using GanFromScratch.Gan.Options;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Gan.Runs;
using GanFromScratch.Gan.Terminal;

namespace GanFromScratch.Gan.Commands;

/// <summary>`gan sample`: generates pictures.</summary>
internal sealed class SampleCommand(RecipeBook book)
    : GeneratorCommand<SampleCommand.Request>(book, "sample", "Generates pictures with a run's generator")
{
    private const int DefaultCount = 64, DefaultOfClass = 8, DefaultZoom = 2, MaxInGrid = 4096, MaxPictures = 1_000_000;

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("gan sample runs/0001-odog-mnist", "64 pictures in grid.png"),
        ("gan sample runs/0001-odog-mnist --seeds 0-31 --single pictures", "pictures/seed-0000.png to pictures/seed-0031.png"),
        ("gan sample runs/0001-odog-mnist --count 12 --zoom 8 --output large.webp", "a dozen large ones; the ending says what is written"),
        ("gan sample runs/0001-odog-mnist --count 10000 --seed 7 --npz pictures.npz", "pictures for other programs"),
    ];

    /// <inheritdoc/>
    public override bool IsReadFor(ParseResult given) => false; // files are

    public override ExitCode Run(ParseResult given, Screen screen, Interruption interruption)
    {
        var asked = Read(given);
        string run = Required(asked.Run);
        string? single = asked.Single;
        var (output, npz, npzOption) = Outputs(asked);
        if (output is null && asked.Zoom is not null)
            throw new GanException(ExitCode.Usage, "--zoom is for a grid, and none is written. Leave it out, or name one with --output.");
        int max = output is null ? MaxPictures : MaxInGrid;
        var seeds = asked.Seeds is { } text ? OptionValues.Seeds("--seeds", text, max) : null;
        if (seeds is not null && (asked.Count is not null || asked.Seed is not null))
            throw new GanException(ExitCode.Usage, "--seeds replaces --count and --seed. Leave --count and --seed out.");
        if (seeds is not null && asked.Classes is not null)
        {
            throw new GanException(
                ExitCode.Usage, "--classes draws --count pictures of each class. Leave --seeds out, or ask for one --class.");
        }
        if (single is not null && seeds?.Distinct().Count() < seeds?.Length)
            throw new GanException(ExitCode.Usage, "--seeds names a seed twice, and --single needs a name for each. Name each seed once.");
        int count = seeds?.Length ?? asked.Count ?? DefaultCount;
        RequireAtMost(max, count);
        ulong seed = asked.Seed ?? 0;
        string? folder = Directory.Exists(single) ? null : single;
        string file = FindFor(run, screen, ("--output", output), ("--single", folder), (npzOption, npz));
        if (single is not null)
            RequireEmpty("--single", single);

        using var device = Open(asked.On, screen);
        var generator = GeneratorFile.Read(Book, file, device);
        var classes = ClassChoice.Of(generator, asked.Class, asked.Classes);
        var (rows, columns) = GeneratorPictures.Square(count);
        if (classes is not null && asked.Classes is not null)
        {
            (rows, columns) = (classes.Count, asked.Count ?? DefaultOfClass); // a row a class
            count = RequireAtMost(max, (long)rows * columns);
            classes = [.. classes.SelectMany(label => Enumerable.Repeat(label, columns))];
        }
        var draws = classes is null ? new GeneratorPictures(generator, device) : new(generator, device) { Classes = classes };
        draws.RequireRoom(count);
        int zoom = asked.Zoom ?? DefaultZoom;
        if (output is not null)
            draws.RequireRoom(output, rows, columns, zoom);
        byte[] pictures = seeds is null ? draws.OfSeed(seed, count) : draws.OfNoises([.. seeds.Select(one => draws.NoisesOf(one, 1)[0])]);
        if (output is not null)
            ImageWriter.Write(output, draws.Grid(pictures, rows, columns, zoom, hasClasses: asked.Class is null));
        if (single is not null)
        {
            string Name(int i) => seeds is null ? $"{i + 1:0000}.png" : $"seed-{seeds[i]:0000}.png";
            WriteEach(single, count, Name, i => draws.Single(pictures, i));
        }
        if (npz is not null)
            draws.WriteNpz(npz, pictures);
        string from = seeds is null ? $"from seed {seed}" : $"from the seeds {asked.Seeds}";
        string files = string.Join(", ", new[] { output, single, npz }.OfType<string>());
        screen.Say($"{Plural.Of(count, "picture")} of {generator.Recipe.Name} {from}: {files}");
        return ExitCode.Done;
    }

    private static int RequireAtMost(int max, long pictures) => pictures <= max
        ? (int)pictures
        : throw OptionValues.Wrong("--count", $"{pictures}", "is out of range", $"Give a whole number from 1 to {max}");

    // arrays may be asked for by either option
    private static (string? Grid, string? Npz, string NpzOption) Outputs(Request asked)
    {
        const string Arrays = ".npz";
        if (asked.Output is not { } output)
            return (asked.Npz is null && asked.Single is null ? "grid.png" : null, asked.Npz, "--npz");
        NewFile.RequireEnding("--output", output, [.. ImageWriter.Endings, Arrays]);
        if (!NewFile.HasEnding(output, Arrays))
            return (output, asked.Npz, "--npz");
        if (asked.Npz is not null)
            throw new GanException(ExitCode.Usage, $"--output {output} and --npz both ask for a file of NumPy's. Leave one of them out.");
        return (null, output, "--output");
    }

    private static void WriteEach(string folder, int count, Func<int, string> name, Func<int, Image> picture)
    {
        NewFile.MakeFolder(folder);
        for (int i = 0; i < count; i++)
            ImageWriter.Write(Path.Combine(folder, name(i)), picture(i));
    }

    /// <summary>The options and arguments.</summary>
    internal sealed record Request
    {
        [Argument("RUN", "A run's folder, its generator.safetensors, or a checkpoint")]
        public string? Run { get; init; }

        [Option("--count", "Number of pictures", Value = "N", Min = 1, Default = "64")]
        public int? Count { get; init; }

        [Option("--class", "The class to draw, by its label or its name", Value = "CLASS", Default = "all, one after another")]
        public string? Class { get; init; }

        [Option("--classes", "Classes to draw, a row each, such as 0-9 or 3,7, or by names; --count is then of each", Value = "A-B")]
        public string? Classes { get; init; }

        [Option("--seed", "Seed of the noise; that of the training gives its sample grids", Value = "N", Default = "0")]
        public ulong? Seed { get; init; }

        [Option("--seeds", "Seeds of one picture each, such as 0-31 or 3,7,20-29, instead of --count and --seed", Value = "A-B")]
        public string? Seeds { get; init; }

        [Option(
            "--output", "A new file for a grid: .png, .jpg, .gif or .webp; or .npz, as --npz", Value = "FILE",
            Default = "grid.png, without --single and --npz")]
        public string? Output { get; init; }

        [Option("--zoom", "Pixels for each of a picture's, in the grid", Value = "N", Min = 1, Max = MaxZoom, Default = "2")]
        public int? Zoom { get; init; }

        [Option("--single", "A new or empty folder for a file for each picture", Value = "DIR")]
        public string? Single { get; init; }

        [Option(
            "--npz", "A new file of NumPy's with an array `images`, uint8 [n, height, width], or [.., 3] in colour", Value = "FILE.npz")]
        public string? Npz { get; init; }

        [Options]
        public DeviceRequest On { get; init; } = new();
    }
}
