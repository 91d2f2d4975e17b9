using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Images;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>`gan interpolate`: walks between noises.</summary>
public sealed class InterpolateCommandTests
{
    private const string Short = "--dataset digits --limit 128 --batch 64 --epochs 1 --output run";
    private GanProgram _gan = null!;

    [SetUp]
    public void SetUp() => _gan = new GanProgram();

    [TearDown]
    public void TearDown() => _gan.Dispose();

    /// <summary>
    /// The frames at the stops are the seeds' own pictures; between them are others; the bytes are the same whatever the threads.
    /// </summary>
    [Test]
    public void TheStopsAreTheSeedsPictures()
    {
        _gan.Done(Short);
        var said = _gan.Done("interpolate run --seeds 0-2 --steps 3 --delay 5 --threads 1");
        Assert.That(said.Output, Is.EqualTo("7 frames of odog, spherical interpolation of 3 seeds: walk.gif\n"));
        _gan.Done("interpolate run --seeds 0-2 --steps 3 --delay 5 --threads 3 --output again.gif");
        Assert.That(File.ReadAllBytes(_gan["again.gif"]), Is.EqualTo(File.ReadAllBytes(_gan["walk.gif"])));
        var walk = Pictures.ReadGif(_gan["walk.gif"]);
        Assert.That(walk.Frames, Has.Count.EqualTo(7));
        Assert.That(walk.Delays, Is.All.EqualTo(5));
        for (int seed = 0; seed < 3; seed++)
        {
            _gan.Done($"sample run --seeds {seed} --output stop{seed}.png");
            byte[] stop = Pictures.Rgb(Pictures.Read(_gan[$"stop{seed}.png"]));
            Assert.That(Bytes(walk.Frames[3 * seed]), Is.EqualTo(stop), $"the stop of seed {seed}");
        }
        Assert.That(Bytes(walk.Frames[1]), Is.Not.EqualTo(Bytes(walk.Frames[0])).And.Not.EqualTo(Bytes(walk.Frames[2])));
    }

    /// <summary>
    /// A loop ends a step before its first stop; the first of several walks is the one that goes alone; linear is another way.
    /// </summary>
    [Test]
    [Category(SampledAttribute.Exhaustive)]
    public void LoopsAndWalksSideBySide()
    {
        _gan.Done($"{Short} --recipe fabo");
        Assert.That(
            _gan.Done("interpolate run --seeds 4,9 --steps 2 --loop --npz alone.npz").Output,
            Does.Contain("4 frames of fabo, linear interpolation of 2 seeds: walk.gif, alone.npz"));
        _gan.Done("interpolate run --seeds 4,9 --steps 2 --loop --count 3 --output three.gif --npz three.npz");
        _gan.Done("interpolate run --seeds 4,9 --steps 2 --loop --walk spherical --output round.gif --npz round.npz");
        var (header, alone) = NpzArray.Read(_gan["alone.npz"]);
        byte[] three = NpzArray.Read(_gan["three.npz"]).Values, round = NpzArray.Read(_gan["round.npz"]).Values;
        Assert.That(header, Does.Contain("'shape': (4, 28, 28)"));
        for (int frame = 0; frame < 4; frame++)
        {
            byte[] picture = Picture(alone, frame);
            Assert.That(Picture(three, 3 * frame), Is.EqualTo(picture), $"the first walk in frame {frame}");
            Assert.That(Picture(round, frame), frame % 2 == 0 ? Is.EqualTo(picture) : Is.Not.EqualTo(picture), $"frame {frame}");
        }
        Assert.That(Picture(alone, 1), Is.EqualTo(Picture(alone, 3)), "there and back, the straight way");
        Assert.That(Pictures.ReadGif(_gan["three.gif"]).Frames, Has.Count.EqualTo(4));
    }

    /// <summary>In a PNG, each interpolation has a row from each seed to the next, with the pictures of both.</summary>
    [TestCase("", 2)]
    [TestCase("--loop", 3)]
    public void APngHasRows(string loop, int legs)
    {
        _gan.Done(Short);
        _gan.Done($"interpolate run --seeds 4,9,2 --steps 2 --count 2 --zoom 1 {loop} --output rows.png --npz a.npz");
        var rows = Pictures.Read(_gan["rows.png"]);
        byte[] pictures = NpzArray.Read(_gan["a.npz"]).Values;
        int frames = pictures.Length / 784 / 2;
        byte[] cells = [.. Enumerable.Range(0, 2 * legs * 3).SelectMany(
            cell => Picture(pictures, 2 * ((cell / 3 % legs * 2 + cell % 3) % frames) + cell / (3 * legs)))];
        Pictures.AssertSame(rows, ImageGrid.Compose(cells, new PictureShape(28, 28, 1), 2 * legs, 3, zoom: 1));
    }

    [Test]
    public void WhatCannotBeWalkedIsRefused()
    {
        _gan.Refused(ExitCode.Usage, "interpolate", "`gan interpolate` needs a run");
        _gan.Refused(ExitCode.Usage, "interpolate run --seeds 5", "--seeds");
        _gan.Refused(ExitCode.Usage, "interpolate run --seeds 5-", "--seeds: '5-' is no range of seeds");
        _gan.Refused(ExitCode.Usage, "interpolate run --seeds 0-1000", "Give at most 1000 seeds");
        _gan.Refused(ExitCode.Usage, "interpolate run --walk round", "Give one of spherical, linear");
        _gan.Refused(ExitCode.Usage, "interpolate run --output a.gif --npz a.gif", "--output and --npz both name a.gif");
        _gan.Refused(ExitCode.Usage, "interpolate run --output a.webp", "'a.webp' is no kind", "Give a name that ends in .gif or .png.");
        _gan.Refused(ExitCode.Data, "interpolate nowhere", "There is no run 'nowhere'");
    }

    private static byte[] Picture(byte[] pictures, int index) => pictures[(index * 784)..((index + 1) * 784)];

    private static byte[] Bytes(Image picture) => picture.Pixels.ToArray();
}
