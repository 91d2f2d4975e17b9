using System.CommandLine;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Files;
using GanFromScratch.Gan.Images;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Gan.Runs;
using GanFromScratch.Gan.Terminal;

namespace GanFromScratch.Gan.Commands;

/// <summary>`gan interpolate`: animates pictures of interpolated noise vectors.</summary>
internal sealed class InterpolateCommand : GeneratorCommand
{
    private const int DefaultSteps = 12, MaxSteps = 1000, MaxSeeds = 1000, MaxCount = 256, DefaultDelay = 8;
    private const string DefaultSeeds = "0-7";
    private static readonly string[] Walks = ["spherical", "linear"];
    private readonly Option<string> _seeds, _steps, _walk, _count, _delay, _output, _npz;
    private readonly Option<bool> _loop;

    public InterpolateCommand(RecipeBook book)
        : base(book, "interpolate", "Interpolates between noise vectors with a run's generator, as a GIF")
    {
        _seeds = Value("--seeds", "A-B", $"Seeds of the noise vectors, such as 0-7 or 3,7,20 [default: {DefaultSeeds}]");
        _steps = Value("--steps", "N", $"Frames from one noise vector to the next [default: {DefaultSteps}]");
        _walk = Value("--walk", string.Join('|', Walks), "Interpolation [default: spherical for normal noise, linear for uniform]");
        _loop = Flag("--loop", "Returns from the last noise vector to the first");
        _count = Value("--count", "N", "Interpolations side by side, from further noise vectors of each seed [default: 1]");
        _delay = Value("--delay", "N", $"Time of a frame, in 1/100 s [default: {DefaultDelay}]");
        _output = Value("--output", "FILE.gif", "A new file [default: walk.gif]");
        _npz = Value("--npz", "FILE.npz", "A new file of NumPy's for the pictures, as array `images`, frame by frame");
    }

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("gan interpolate runs/0001-odog-mnist", "between eight noise vectors, in walk.gif"),
        ("gan interpolate runs/0001-odog-mnist --seeds 3,7,20 --steps 30 --loop --count 16", "sixteen endless interpolations"),
    ];

    public override ExitCode Run(ParseResult given, Screen screen)
    {
        string run = RunOf(given), output = given.GetValue(_output) ?? "walk.gif";
        string? npz = given.GetValue(_npz);
        ulong[] seeds = given.Seeds(_seeds, MaxSeeds) ?? OptionValues.SeedsOf(_seeds, DefaultSeeds, MaxSeeds);
        if (seeds.Length < 2)
            throw new GanException(ExitCode.Usage, "--seeds: an interpolation needs at least two. Give a range such as 0-7.");
        int steps = given.Whole(_steps, 1, MaxSteps) ?? DefaultSteps, count = given.Whole(_count, 1, MaxCount) ?? 1;
        int delay = given.Whole(_delay, 0, ushort.MaxValue) ?? DefaultDelay;
        int? walk = given.Choice(_walk, Walks);
        bool loop = given.GetValue(_loop);
        RequireNew((_output, output), (_npz, npz));

        using var device = OpenDevice(given, screen);
        var generator = GeneratorFile.Read(Book, GeneratorFile.Find(run, screen), device);
        bool spherical = walk is null ? !generator.Recipe.UniformNoise : walk == 0;
        var draws = new GeneratorPictures(generator, device);
        int frames = ((loop ? seeds.Length : seeds.Length - 1) * steps) + (loop ? 0 : 1);
        draws.RequireRoom((long)frames * count);
        float[][][] stops = [.. seeds.Select(seed => draws.NoisesOf(seed, count))];
        byte[] pictures = draws.OfNoises([.. Enumerable.Range(0, frames)
            .SelectMany(frame => Noise(stops, frame / steps, (double)(frame % steps) / steps, spherical))]);
        int ofFrame = pictures.Length / frames;
        var images = Enumerable.Range(0, frames).Select(frame => draws.Grid(pictures.AsSpan(frame * ofFrame, ofFrame)));
        AtomicFile.Write(output, stream => Gif.Write(stream, images, delay, lastDelay: delay));
        if (npz is not null)
            draws.WriteNpz(npz, pictures);
        string kind = $"{Walks[spherical ? 0 : 1]} interpolation of {Plural.Of(seeds.Length, "seed")}";
        string files = string.Join(", ", new[] { output, npz }.OfType<string>());
        screen.Say($"{Plural.Of(frames, "frame")} of {generator.Recipe.Name}, {kind}: {files}");
        return ExitCode.Done;
    }

    /// <summary>The noise vectors of a frame, at a share of the way from one seed to the next; the first one follows the last.</summary>
    private static IEnumerable<float[]> Noise(float[][][] stops, int stop, double share, bool spherical) =>
        stops[stop].Zip(stops[(stop + 1) % stops.Length], (from, to) => Interpolation.Between(from, to, share, spherical));
}
