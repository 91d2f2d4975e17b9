using System.CommandLine;
using GanFromScratch.Autograd;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan;

/// <summary>`gan sample`: pictures from a trained generator.</summary>
internal sealed class SampleCommand : GanCommand
{
    private const int DefaultCount = 64, MostInAGrid = 4096, MostPictures = 1_000_000, AtOnce = 500;
    private readonly Argument<string> _run;
    private readonly Option<string> _count, _seed, _output, _npz, _device, _threads;

    public SampleCommand()
        : base("sample", "Draws pictures with the generator of a run")
    {
        _run = new Argument<string>("RUN") { Description = "The run's folder, or its generator.safetensors", Arity = ArgumentArity.ZeroOrOne };
        Add(_run);
        _count = Value("--count", "N", $"Pictures; {DefaultCount} unless given");
        _seed = Value("--seed", "N", "Of the noise; 0 unless given, and the training's seed draws the pictures of its grids");
        _output = Value("--output", "FILE.png", "A new file for them as a grid; grid.png where --npz isn't given either");
        _npz = Value("--npz", "FILE.npz", "A new file for them as NumPy's array `images`, uint8 [n, height, width], and [.., 3] in colour");
        _device = Value("--device", DeviceChoice.Kinds, "Where it computes; the cpu unless given");
        _threads = Value("--threads", "N", "Threads of the cpu; one a core unless given");
    }

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("gan sample runs/0001-odog-mnist", "64 pictures in grid.png"),
        ("gan sample runs/0001-odog-mnist --count 10000 --seed 7 --npz pictures.npz", "pictures for other programs to judge"),
    ];

    public override ExitCode Run(ParseResult given, Screen screen)
    {
        string run = given.GetValue(_run) ?? throw new GanException(
            ExitCode.Usage, "`gan sample` needs a run: `gan sample runs/0001-odog-mnist`.");
        string? npz = given.GetValue(_npz), output = given.GetValue(_output) ?? (npz is null ? "grid.png" : null);
        int count = given.Whole(_count, 1, output is null ? MostPictures : MostInAGrid) ?? DefaultCount;
        ulong seed = given.Seed(_seed) ?? 0;
        string[] files = [.. new[] { output, npz }.OfType<string>()];
        foreach (string file in files)
            RequireNew(file);
        if (files is [var first, var second] && Path.GetFullPath(first) == Path.GetFullPath(second))
            throw new GanException(ExitCode.Usage, $"--output and --npz both name {first}. Name two files.");
        var choice = DeviceChoice.Of(given.GetValue(_device) ?? "cpu", given.Whole(_threads, 1, DeviceChoice.MostThreads));
        string path = Directory.Exists(run) ? Path.Combine(run, RunFolder.GeneratorName) : run;
        using var device = choice.Open();
        var generator = GeneratorFile.Read(path, device);
        var shape = generator.Shape;
        if ((long)count * shape.Length > Array.MaxLength)
            throw new GanException(ExitCode.Usage, $"--count: {count} pictures of {shape.Length} bytes are too many at once. Give at most {Array.MaxLength / shape.Length}.");
        byte[] pictures = Draw(generator, device, seed, count);
        if (output is not null)
        {
            int columns = (int)Math.Ceiling(Math.Sqrt(count));
            var grid = ImageGrid.Compose(pictures, shape, (count + columns - 1) / columns, columns);
            if (generator.Recipe.GridsShowRed && grid.Channels == 3)
                grid = ImageGrid.RedOf(grid);
            WholeFile.Write(output, stream => Png.Write(stream, grid));
        }
        if (npz is not null)
        {
            int[] extents = shape.Channels == 1 ? [count, shape.Height, shape.Width] : [count, shape.Height, shape.Width, shape.Channels];
            WholeFile.Write(npz, stream => Npz.Write(stream, "images", extents, pictures));
        }
        screen.Say($"{Counted.Of(count, "picture")} of {generator.Recipe.Name} from seed {seed}: {string.Join(", ", files)}");
        return ExitCode.Done;
    }

    private static void RequireNew(string file)
    {
        if (file.Length == 0)
            throw new GanException(ExitCode.Usage, "A file's name is empty. Name a new file.");
        if (Path.Exists(file))
            throw new GanException(ExitCode.Usage, $"{file} is there already, and nothing is overwritten. Name a new file.");
        string folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
        if (!Directory.Exists(folder))
            throw new GanException(ExitCode.Usage, $"{file} can't be written: there is no folder {folder}. Make it first.");
    }

    private static byte[] Draw(SavedGenerator generator, Device device, ulong seed, int count)
    {
        var (low, high) = generator.Recipe.PixelRange;
        var random = Streams.Samples.Of(seed);
        var pictures = new byte[count * generator.Shape.Length];
        for (int from = 0; from < count; from += AtOnce)
        {
            int n = Math.Min(AtOnce, count - from);
            using var noise = new Tensor(device, new Shape(n, generator.Recipe.NoiseSize));
            generator.Recipe.DrawNoise(random, noise);
            using var tape = new Tape(device);
            float[] values = generator.Network.Forward(tape.Constant(noise), generator.Recipe.SamplePass).Value.ToArray();
            for (int i = 0; i < values.Length; i++)
                pictures[(from * generator.Shape.Length) + i] = ImageGrid.ToByte((values[i] - low) / (high - low));
        }
        return pictures;
    }
}
