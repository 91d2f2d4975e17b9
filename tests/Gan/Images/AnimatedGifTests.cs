using System.Globalization;
using System.Text;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Images;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>Animations, as other programs read them.</summary>
internal sealed class AnimatedGifTests
{
    private const string PillowReads = """
        import sys
        from PIL import Image, ImageSequence
        for path in sys.argv[1:]:
            with Image.open(path) as gif, open(path + '.raw', 'wb') as out, open(path + '.txt', 'w') as info:
                for frame in ImageSequence.Iterator(gif):
                    info.write(f"{frame.info['duration']} ")
                    out.write(frame.convert('RGB').tobytes())
                info.write(f"{gif.width}x{gif.height} {gif.info.get('loop')}")
        """;

    // 256 colours by Pillow's median cut: prints the mean squared error of the picture in argument 1
    private const string PillowCuts = """
        import sys
        from PIL import Image, ImageChops, ImageStat
        picture = Image.open(sys.argv[1])
        cut = picture.quantize(256, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).convert('RGB')
        print(sum(ImageStat.Stat(ImageChops.difference(picture, cut)).sum2) / (3 * picture.width * picture.height))
        """;

    private TemporaryFolder _folder = null!;

    [SetUp]
    public void SetUp() => _folder = new TemporaryFolder();

    [TearDown]
    public void TearDown() => _folder.Dispose();

    private static Dictionary<string, Image[]> ExactSamples() => new()
    {
        ["one.gif"] = [Pictures.Noise(1, 1, 1, 1)],
        ["one-rgb.gif"] = [Pictures.Noise(1, 1, 3, 1)],
        ["odd.gif"] = [Pictures.Noise(7, 13, 1, 1), Pictures.Noise(7, 13, 1, 2)],
        ["constant.gif"] = [Pictures.Constant(200, 100, 1, 7), Pictures.Constant(200, 100, 1, 200)],
        ["noise.gif"] = [Pictures.Noise(300, 300, 1, 3), Pictures.Constant(300, 300, 1, 0), Pictures.Noise(300, 300, 1, 4)],
        ["waves.gif"] = [.. Enumerable.Range(0, 5).Select(i => Pictures.Waves(120, 90, 1, i * 0.3))],
        ["many.gif"] = [.. Enumerable.Range(0, 150).Select(i => Pictures.Noise(11, 9, 1, i))],
        ["few-colours.gif"] = [.. Enumerable.Range(0, 3).Select(i => OfColours(40, 30, 256, i))],
        ["two-colours.gif"] = [OfColours(5, 5, 2, 1)],
    };

    [Test]
    public void PillowReadsWhatIsWritten()
    {
        string python = ToolRequirement.Python("PIL");
        var samples = ExactSamples();
        foreach (var (name, frames) in samples)
            AnimatedGif.Write(_folder[name], frames, delay: 25, lastDelay: 150);

        var result = Processes.Run(python, ["-c", PillowReads, .. samples.Keys.Select(name => _folder[name])]);

        Assert.That(result.ExitCode, Is.Zero, result.Error);
        foreach (var (name, frames) in samples)
        {
            var info = new StringBuilder().Insert(0, "250 ", frames.Length - 1).Append($"1500 {frames[0].Width}x{frames[0].Height} ");
            info.Append(frames.Length == 1 ? "None" : "0");
            Assert.That(File.ReadAllText(_folder[name + ".txt"]), Is.EqualTo(info.ToString()), name);
            Assert.That(
                File.ReadAllBytes(_folder[name + ".raw"]).AsSpan().SequenceEqual(frames.SelectMany(Pictures.Rgb).ToArray()), Is.True, name);
        }
    }

    [Test]
    public void FramesComeBackExactly()
    {
        foreach (var (name, frames) in ExactSamples())
        {
            AnimatedGif.Write(_folder[name], frames);
            var (read, delays) = Pictures.ReadGif(_folder[name]);
            Assert.That(delays, Is.EqualTo(Enumerable.Repeat(20, frames.Length - 1).Append(200)), name);
            Assert.That(read, Has.Count.EqualTo(frames.Length), name);
            for (int i = 0; i < frames.Length; i++)
                Assert.That(read[i].Pixels.SequenceEqual(Pictures.Rgb(frames[i])), Is.True, $"{name}, frame {i}");
        }
    }

    /// <summary>The usual library says that nothing is wrong, and sees one palette and the loop.</summary>
    [Test]
    public void GiflibReadsWhatIsWritten()
    {
        string giftext = ToolRequirement.Tool("giftext");
        foreach (var (name, frames) in ExactSamples())
        {
            AnimatedGif.Write(_folder[name], frames);
            var result = Processes.Run(giftext, _folder[name]);
            Assert.That(result.ExitCode, Is.Zero, $"{name}: {result.Error}");
            Assert.That(result.Output.Split("Image #").Length - 1, Is.EqualTo(frames.Length), name);
            Assert.That(result.Output, Does.Contain("Has Global Color Map").And.Not.Contain("Image Has Color Map"), name);
        }
    }

    [Test]
    public void ManyColoursAreNoWorseThanPillowsMedianCut()
    {
        string python = ToolRequirement.Python("PIL");
        foreach (var picture in (Image[])[Pictures.Waves(128, 128, 3), Pictures.Noise(64, 64, 3, 1)])
        {
            ImageWriter.Write(_folder["picture.png"], picture);
            var result = Processes.Run(python, "-c", PillowCuts, _folder["picture.png"]);
            Assert.That(result.ExitCode, Is.Zero, result.Error);
            double pillow = double.Parse(result.Output, CultureInfo.InvariantCulture);
            AnimatedGif.Write(_folder["picture.gif"], [picture]);

            double error = MeanSquaredError(Pictures.ReadGif(_folder["picture.gif"]).Frames[0], picture);

            TestContext.Out.WriteLine($"mean squared error {error:F2}, Pillow {pillow:F2}");
            Assert.That(error, Is.GreaterThan(0).And.LessThan(pillow));
        }
    }

    [Test]
    public void ThePaletteIsSharedOverAllFramesAndAColourIsAlwaysTheSame()
    {
        Image[] frames = [Pictures.Waves(60, 60, 3), Pictures.Waves(60, 60, 3, 2), Pictures.Constant(60, 60, 3, 128)];
        AnimatedGif.Write(_folder["a.gif"], frames);
        var read = Pictures.ReadGif(_folder["a.gif"]).Frames;
        var became = new Dictionary<(byte, byte, byte), (byte, byte, byte)>();
        for (int i = 0; i < frames.Length; i++)
        {
            Assert.That(MeanSquaredError(read[i], frames[i]), Is.LessThan(60), $"frame {i}");
            foreach (var (from, to) in Colours(frames[i]).Zip(Colours(read[i])))
                Assert.That(became.TryAdd(from, to) || became[from] == to, Is.True, $"{from} in frame {i}");
        }
        Assert.That(became.Values.Distinct().Count(), Is.InRange(200, 256));
    }

    [Test]
    public void SameFramesSameBytes()
    {
        var frames = Enumerable.Range(0, 3).Select(i => Pictures.Waves(50, 40, 3, i));
        AnimatedGif.Write(_folder["a.gif"], frames);
        AnimatedGif.Write(_folder["b.gif"], frames.ToArray());
        Assert.That(File.ReadAllBytes(_folder["b.gif"]), Is.EqualTo(File.ReadAllBytes(_folder["a.gif"])));
    }

    /// <summary>Three hundred large frames need the memory of a few.</summary>
    [TestCase(1)]
    [ExhaustiveCase(3)]
    public void FramesAreAskedForOneByOne(int channels)
    {
        const int Frames = 300, Size = 400;
        int made = 0;
        var frames = Enumerable.Range(0, Frames).Select(i =>
        {
            made++;
            return Pictures.Constant(Size, Size, channels, (byte)i);
        });
        GC.Collect();
        long before = GC.GetTotalMemory(forceFullCollection: true), most = 0;
        AnimatedGif.Write(_folder["a.gif"], frames.Select(frame =>
        {
            if (made % 100 == 99)
                most = Math.Max(most, GC.GetTotalMemory(forceFullCollection: true) - before);
            return frame;
        }));
        Assert.That(made, Is.EqualTo(1 + (channels == 3 ? 2 * Frames : Frames)), "a look at the first, then all of them");
        Assert.That(most, Is.LessThan(20 * Size * Size * 3), "bytes");
    }

    [Test]
    public void WhatIsNoAnimationIsRefused()
    {
        Assert.Throws<ArgumentException>(() => Write());
        Assert.Throws<ArgumentException>(() => AnimatedGif.Write(_folder["a.gif"], [Pictures.Noise(1, 1, 1, 1)], delay: -1));
        Assert.Throws<ArgumentException>(() => AnimatedGif.Write(_folder["a.gif"], [Pictures.Noise(1, 1, 1, 1)], lastDelay: 65536));
        var odd = Assert.Throws<GanException>(() => Write(Pictures.Noise(4, 4, 1, 1), Pictures.Noise(4, 5, 1, 1)))!;
        Assert.That(odd.Code, Is.EqualTo(ExitCode.Data));
        Assert.That(odd.Message, Does.Contain("Frame 2").And.Contain("5x4").And.Contain("4x4"));
        Assert.Throws<GanException>(() => Write(Pictures.Noise(4, 4, 3, 1), Pictures.Noise(4, 4, 1, 1)));
        Assert.Throws<GanException>(() => Write(Pictures.Constant(65536, 1, 1, 1)));
        Assert.That(File.Exists(_folder["a.gif"]), Is.False);

        void Write(params Image[] frames) => AnimatedGif.Write(_folder["a.gif"], frames);
    }

    private static IEnumerable<(byte, byte, byte)> Colours(Image image) =>
        image.Pixels.ToArray().Chunk(3).Select(colour => (colour[0], colour[1], colour[2]));

    private static Image OfColours(int width, int height, int count, int seed)
    {
        var random = new Random(seed);
        var colours = Pictures.Noise(count, 1, 3, 99).Pixels.ToArray().Chunk(3).ToArray();
        return new Image(width, height, 3, [.. Enumerable.Range(0, width * height).SelectMany(_ => colours[random.Next(count)])]);
    }

    private static double MeanSquaredError(Image actual, Image expected) =>
        actual.Pixels.ToArray().Zip(Pictures.Rgb(expected)).Average(pair => Math.Pow(pair.First - pair.Second, 2));
}
