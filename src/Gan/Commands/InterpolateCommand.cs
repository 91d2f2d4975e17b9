using System.CommandLine;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Files;
using GanFromScratch.Gan.Images;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Gan.Runs;
using GanFromScratch.Gan.Terminal;

namespace GanFromScratch.Gan.Commands;

/// <summary>`gan interpolate`: walks between noises, as an animation of what the generator makes of them.</summary>
internal sealed class InterpolateCommand : GeneratorCommand
{
    private const int DefaultSteps = 12, MostSteps = 1000, MostStops = 1000, MostWalks = 256, DefaultDelay = 8;
    private const string DefaultSeeds = "0-7";
    private static readonly string[] Walks = ["spherical", "linear"];
    private readonly Option<string> _seeds, _steps, _walk, _count, _delay, _output, _npz;
    private readonly Option<bool> _loop;

    public InterpolateCommand(RecipeBook book)
        : base(book, "interpolate", "Walks from noise to noise with the generator of a run, as a GIF")
    {
        _seeds = Value("--seeds", "A-B", $"The stops: a noise of each of these seeds, such as 0-7 or 3,7,20; {DefaultSeeds} unless given");
        _steps = Value("--steps", "N", $"Frames from stop to stop; {DefaultSteps} unless given");
        _walk = Value("--walk", string.Join('|', Walks), "The way between stops: spherical for normal noise, and linear for uniform noise, unless given");
        _loop = Flag("--loop", "Goes on from the last stop to the first");
        _count = Value("--count", "N", "Walks side by side, each along further noises of the seeds; 1 unless given");
        _delay = Value("--delay", "N", $"How long a frame is shown, in 1/100 s; {DefaultDelay} unless given");
        _output = Value("--output", "FILE.gif", "A new file for it; walk.gif unless given");
        _npz = Value("--npz", "FILE.npz", "A new file for the pictures as NumPy's array `images`, frame by frame");
    }

    public override IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("gan interpolate runs/0001-odog-mnist", "a walk along eight stops in walk.gif"),
        ("gan interpolate runs/0001-odog-mnist --seeds 3,7,20 --steps 30 --loop --count 16", "sixteen walks that never end"),
    ];

    public override ExitCode Run(ParseResult given, Screen screen)
    {
        string run = RunOf(given), output = given.GetValue(_output) ?? "walk.gif";
        string? npz = given.GetValue(_npz);
        ulong[] seeds = given.Seeds(_seeds, MostStops) ?? OptionValues.SeedsOf(_seeds, DefaultSeeds, MostStops);
        if (seeds.Length < 2)
            throw new GanException(ExitCode.Usage, "--seeds: a walk has two stops at least. Give a range such as 0-7.");
        int steps = given.Whole(_steps, 1, MostSteps) ?? DefaultSteps, count = given.Whole(_count, 1, MostWalks) ?? 1;
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
        byte[] pictures = draws.OfNoises([.. Enumerable.Range(0, frames).SelectMany(frame => Noises(stops, frame / steps, (double)(frame % steps) / steps, spherical))]);
        int ofFrame = pictures.Length / frames;
        var images = Enumerable.Range(0, frames).Select(frame => draws.Grid(pictures.AsSpan(frame * ofFrame, ofFrame)));
        AtomicFile.Write(output, stream => Gif.Write(stream, images, delay, lastDelay: delay));
        if (npz is not null)
            draws.WriteNpz(npz, pictures);
        screen.Say(
            $"{Plural.Of(frames, "frame")} of {generator.Recipe.Name}, a {Walks[spherical ? 0 : 1]} walk along {Plural.Of(seeds.Length, "seed")}: "
            + string.Join(", ", new[] { output, npz }.OfType<string>()));
        return ExitCode.Done;
    }

    /// <summary>The noises of a frame: one for each walk, at a share of the way from a stop to the next, which after the last one is the first.</summary>
    private static IEnumerable<float[]> Noises(float[][][] stops, int stop, double share, bool spherical) =>
        stops[stop].Zip(stops[(stop + 1) % stops.Length], (from, to) => Interpolation.Between(from, to, share, spherical));
}
