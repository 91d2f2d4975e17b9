using System.CommandLine;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Images;
using GanFromScratch.Gan.Options;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Gan.Runs;
using GanFromScratch.Gan.Terminal;

namespace GanFromScratch.Gan.Commands;

/// <summary>`gan interpolate`: animates pictures of interpolated noise vectors.</summary>
internal sealed class InterpolateCommand(RecipeBook book) : GeneratorCommand<InterpolateCommand.Request>(
    book, "interpolate", "Interpolates between noise vectors with a run's generator, as a GIF or a PNG")
{
    private const string Film = ".gif", Still = ".png", DefaultSeeds = "0-7";
    private const int DefaultDelay = 8, MaxSteps = 1000, MaxSeeds = 1000, MaxCount = 256;

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("gan interpolate runs/0001-odog-mnist", "between eight noise vectors, in walk.gif"),
        ("gan interpolate runs/0001-odog-mnist --seeds 3,7,20 --steps 30 --loop --count 16", "sixteen endless interpolations"),
        ("gan interpolate runs/0002-acgan-mnist --classes 3,8,0 --count 8", "eight noise vectors, from threes to eights to zeros"),
        ("gan interpolate runs/0001-odog-mnist --steps 9 --zoom 4 --output walk.png", "a row from each noise vector to the next"),
    ];

    /// <inheritdoc/>
    public override bool IsReadFor(ParseResult given) => false; // files are

    public override ExitCode Run(ParseResult given, Screen screen, Interruption interruption)
    {
        var asked = Read(given);
        string run = Required(asked.Run), output = asked.Output;
        ulong[] seeds = OptionValues.Seeds("--seeds", asked.Seeds ?? (asked.Classes is null ? DefaultSeeds : "0"), MaxSeeds);
        if (asked.Class is not null && asked.Classes is not null)
            throw new GanException(ExitCode.Usage, "--class keeps to one class, and --classes walks through some. Leave one of them out.");
        if (seeds.Length < 2 && asked.Classes is null)
            throw new GanException(ExitCode.Usage, "--seeds: an interpolation needs at least two. Give a range such as 0-7.");
        var (steps, count, delay, loop, npz) = (asked.Steps, asked.Count, asked.Delay ?? DefaultDelay, asked.Loop, asked.Npz);
        NewFile.RequireEnding("--output", output, Film, Still);
        string file = FindFor(run, screen, ("--output", output), ("--npz", npz));

        using var device = Open(asked.On, screen);
        var generator = GeneratorFile.Read(Book, file, device);
        bool spherical = asked.Walk is { } walk ? walk == Walk.Spherical : !generator.Recipe.UniformNoise;
        var draws = new GeneratorPictures(generator, device);
        var classes = ClassChoice.Walk(generator, asked.Classes) ?? ClassChoice.Of(generator, asked.Class, null) ?? [0];
        int stopCount = StopsOf(seeds, asked.Classes is null ? 1 : classes.Count);
        int legs = loop ? stopCount : stopCount - 1, frames = (legs * steps) + (loop ? 0 : 1);
        draws.RequireRoom((long)frames * count);
        bool still = NewFile.HasEnding(output, Still);
        if (still && asked.Delay is not null)
            throw new GanException(ExitCode.Usage, "--delay is for an animation. Leave it out, or name a .gif with --output.");
        var (rows, columns) = still ? (legs * count, steps + 1) : GeneratorPictures.Square(count);
        draws.RequireRoom(output, rows, columns, asked.Zoom);
        float[][][] noises = [.. seeds.Select(seed => draws.NoisesOf(seed, count))];
        float[][][] stops = [.. Enumerable.Range(0, stopCount).Select(stop => noises[stop % noises.Length])];
        byte[] pictures = draws.OfNoises(
            [.. Enumerable.Range(0, frames).SelectMany(frame => Noise(stops, frame / steps, (double)(frame % steps) / steps, spherical))],
            picture => Mix(generator.Classes, classes, picture / count / steps, (float)(picture / count % steps) / steps));
        byte[][] images = [.. pictures.Chunk(pictures.Length / frames)];
        if (still)
            ImageWriter.Write(output, draws.Grid(InRows(images, count, legs, steps), rows, columns, asked.Zoom));
        else
            AnimatedGif.Write(output, images.Select(image => draws.Grid(image, rows, columns, asked.Zoom)), delay, lastDelay: delay);
        if (npz is not null)
            draws.WriteNpz(npz, pictures);
        string through = asked.Classes is null ? "" : $" through {Plural.Of(classes.Count, "class", "classes")}";
        string kind = $"{(spherical ? "spherical" : "linear")} interpolation of {Plural.Of(seeds.Length, "seed")}{through}";
        string files = string.Join(", ", new[] { output, npz }.OfType<string>());
        screen.Say($"{Plural.Of(frames, "frame")} of {generator.Recipe.Name}, {kind}: {files}");
        return ExitCode.Done;
    }

    // one seed with several classes, or the other way round, or as many of both
    private static int StopsOf(ulong[] seeds, int classes)
    {
        if (classes == 1 || seeds.Length == 1 || seeds.Length == classes)
        {
            return Math.Max(seeds.Length, classes) is var stops and > 1
                ? stops
                : throw new GanException(ExitCode.Usage, "--classes: a walk needs at least two. Give a list such as 3,7.");
        }
        throw new GanException(
            ExitCode.Usage,
            $"--classes names {classes} and --seeds {seeds.Length}: each stop of a walk has one of both. Give as many, or a single seed.");
    }

    /// <summary>Labels on the way from one stop's class to the next one's.</summary>
    private static float[] Mix(int count, IReadOnlyList<int> classes, int stop, float share)
    {
        var mix = new float[count];
        if (count == 0)
            return mix;
        mix[classes[stop % classes.Count]] += 1f - share;
        mix[classes[(stop + 1) % classes.Count]] += share;
        return mix;
    }

    /// <summary>The noise vectors of a frame, at a share of the way from one seed to the next; the first one follows the last.</summary>
    private static IEnumerable<float[]> Noise(float[][][] stops, int stop, double share, bool spherical) =>
        stops[stop].Zip(stops[(stop + 1) % stops.Length], (from, to) => Interpolation.Between(from, to, share, spherical));

    /// <summary>Of each interpolation, a row from each noise vector to the next, with the pictures of both.</summary>
    private static byte[] InRows(byte[][] frames, int count, int legs, int steps)
    {
        int length = frames[0].Length / count;
        var cells = from walk in Enumerable.Range(0, count)
                    from leg in Enumerable.Range(0, legs)
                    from step in Enumerable.Range(0, steps + 1)
                    select frames[((leg * steps) + step) % frames.Length].AsSpan(walk * length, length).ToArray();
        return [.. cells.SelectMany(cell => cell)];
    }

    /// <summary>The way from one noise vector to the next.</summary>
    internal enum Walk
    {
        /// <summary>On the sphere.</summary>
        Spherical,

        /// <summary>Straight.</summary>
        Linear,
    }

    /// <summary>The options and arguments.</summary>
    internal sealed record Request
    {
        [Argument("RUN", "A run's folder, its generator.safetensors, or a checkpoint")]
        public string? Run { get; init; }

        [Option(
            "--seeds", "Seeds of the noise vectors, such as 0-7 or 3,7,20", Value = "A-B", Default = DefaultSeeds + "; 0 with --classes")]
        public string? Seeds { get; init; }

        [Option("--steps", "Frames from one noise vector to the next", Value = "N", Min = 1, Max = MaxSteps)]
        public int Steps { get; init; } = 12;

        [Option("--class", "The class to draw, by its label or its name", Value = "CLASS", Default = "the first")]
        public string? Class { get; init; }

        [Option("--classes", "Classes to walk through, by labels or names, such as 3,7,0", Value = "A,B")]
        public string? Classes { get; init; }

        [Option("--walk", "Interpolation", Default = "spherical for normal noise, linear for uniform")]
        public Walk? Walk { get; init; }

        [Option("--loop", "Returns from the last noise vector to the first")]
        public bool Loop { get; init; }

        [Option(
            "--count", "Interpolations side by side, from further noise vectors of each seed", Value = "N", Min = 1, Max = MaxCount)]
        public int Count { get; init; } = 1;

        [Option("--delay", "Time of a frame, in 1/100 s", Value = "N", Min = 0, Max = ushort.MaxValue, Default = "8")]
        public int? Delay { get; init; }

        [Option("--zoom", "Pixels for each of a picture's", Value = "N", Min = 1, Max = MaxZoom)]
        public int Zoom { get; init; } = 2;

        [Option("--output", "A new file: .gif, or .png for a row of pictures from each noise vector to the next", Value = "FILE")]
        public string Output { get; init; } = "walk.gif";

        [Option("--npz", "A new file of NumPy's for the pictures, as array `images`, frame by frame", Value = "FILE.npz")]
        public string? Npz { get; init; }

        [Options]
        public DeviceRequest On { get; init; } = new();
    }
}
