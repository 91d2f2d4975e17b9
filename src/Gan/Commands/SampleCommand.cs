using System.CommandLine;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Files;
using GanFromScratch.Gan.Images;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Gan.Runs;
using GanFromScratch.Gan.Terminal;

namespace GanFromScratch.Gan.Commands;

/// <summary>`gan sample`: generates pictures.</summary>
internal sealed class SampleCommand : GeneratorCommand
{
    private const int DefaultCount = 64, MaxInGrid = 4096, MaxPictures = 1_000_000;
    private readonly Option<string> _count, _seed, _seeds, _output, _single, _npz;

    public SampleCommand(RecipeBook book)
        : base(book, "sample", "Generates pictures with a run's generator")
    {
        _count = Value("--count", "N", $"Number of pictures [default: {DefaultCount}]");
        _seed = Value("--seed", "N", "Seed of the noise; that of the training gives its sample grids [default: 0]");
        _seeds = Value("--seeds", "A-B", "Seeds of one picture each, such as 0-31 or 3,7,20-29, instead of --count and --seed");
        _output = Value("--output", "FILE.png", "A new file for a grid [default: grid.png, without --single and --npz]");
        _single = Value("--single", "DIR", "A new or empty folder for a file for each picture");
        _npz = Value("--npz", "FILE.npz", "A new file of NumPy's with an array `images`, uint8 [n, height, width], or [.., 3] in colour");
    }

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("gan sample runs/0001-odog-mnist", "64 pictures in grid.png"),
        ("gan sample runs/0001-odog-mnist --seeds 0-31 --single pictures", "pictures/seed-0000.png to pictures/seed-0031.png"),
        ("gan sample runs/0001-odog-mnist --count 10000 --seed 7 --npz pictures.npz", "pictures for other programs"),
    ];

    public override ExitCode Run(ParseResult given, Screen screen)
    {
        string run = RunOf(given);
        string? npz = given.GetValue(_npz), single = given.GetValue(_single);
        string? output = given.GetValue(_output) ?? (npz is null && single is null ? "grid.png" : null);
        int max = output is null ? MaxPictures : MaxInGrid;
        var seeds = given.Seeds(_seeds, max);
        if (seeds is not null && (given.GetValue(_count) ?? given.GetValue(_seed)) is not null)
            throw new GanException(ExitCode.Usage, "--seeds replaces --count and --seed. Leave --count and --seed out.");
        if (single is not null && seeds?.Distinct().Count() < seeds?.Length)
            throw new GanException(ExitCode.Usage, "--seeds names a seed twice, and --single needs a name for each. Name each seed once.");
        int count = seeds?.Length ?? given.Whole(_count, 1, max) ?? DefaultCount;
        ulong seed = given.Seed(_seed) ?? 0;
        RequireNew((_output, output), (_single, single is not null && Directory.Exists(single) ? null : single), (_npz, npz));
        if (single is not null)
            RequireEmpty(single);

        using var device = OpenDevice(given, screen);
        var generator = GeneratorFile.Read(Book, GeneratorFile.Find(run, screen), device);
        var draws = new GeneratorPictures(generator, device);
        draws.RequireRoom(count);
        byte[] pictures = seeds is null ? draws.OfSeed(seed, count) : draws.OfNoises([.. seeds.Select(one => draws.NoisesOf(one, 1)[0])]);
        if (output is not null)
            AtomicFile.Write(output, stream => Png.Write(stream, draws.Grid(pictures)));
        if (single is not null)
        {
            string Name(int i) => seeds is null ? $"{i + 1:0000}.png" : $"seed-{seeds[i]:0000}.png";
            WriteEach(single, count, Name, i => draws.Single(pictures, i));
        }
        if (npz is not null)
            draws.WriteNpz(npz, pictures);
        string from = seeds is null ? $"from seed {seed}" : $"from the seeds {given.GetValue(_seeds)}";
        string files = string.Join(", ", new[] { output, single, npz }.OfType<string>());
        screen.Say($"{Plural.Of(count, "picture")} of {generator.Recipe.Name} {from}: {files}");
        return ExitCode.Done;
    }

    private static void WriteEach(string folder, int count, Func<int, string> name, Func<int, Image> picture)
    {
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception fault) when (AtomicFile.IsWriteError(fault))
        {
            throw AtomicFile.WriteError(folder, fault);
        }
        for (int i = 0; i < count; i++)
            AtomicFile.Write(Path.Combine(folder, name(i)), stream => Png.Write(stream, picture(i)));
    }
}
