using System.Globalization;
using System.Text;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Files;
using GanFromScratch.Gan.Images;
using NUnit.Framework;

namespace GanFromScratch.Tests;

internal sealed class GifTests
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

    private static Dictionary<string, Image[]> ExactSamples() => new()
    {
        ["one"] = [Pictures.Noise(1, 1, 1, 1)],
        ["one-rgb"] = [Pictures.Noise(1, 1, 3, 1)],
        ["odd"] = [Pictures.Noise(7, 13, 1, 1), Pictures.Noise(7, 13, 1, 2)],
        ["constant"] = [Pictures.Constant(200, 100, 1, 7), Pictures.Constant(200, 100, 1, 200)],
        ["noise"] = [Pictures.Noise(300, 300, 1, 3), Pictures.Constant(300, 300, 1, 0), Pictures.Noise(300, 300, 1, 4)],
        ["waves"] = [.. Enumerable.Range(0, 5).Select(i => Pictures.Waves(120, 90, 1, i * 0.3))],
        ["many"] = [.. Enumerable.Range(0, 150).Select(i => Pictures.Noise(11, 9, 1, i))],
        ["few-colours"] = [.. Enumerable.Range(0, 3).Select(i => OfColours(40, 30, 256, i))],
        ["two-colours"] = [OfColours(5, 5, 2, 1)],
    };

    [Test]
    public void PillowReadsWhatIsWritten()
    {
        string python = ToolRequirement.Python("PIL");
        using var folder = new TemporaryFolder();
        var samples = ExactSamples();
        foreach (var (name, frames) in samples)
            AtomicFile.Write(folder[name], stream => Gif.Write(stream, frames, delay: 25, lastDelay: 150));

        var result = Processes.Run(python, ["-c", PillowReads, .. samples.Keys.Select(name => folder[name])]);

        Assert.That(result.ExitCode, Is.Zero, result.Error);
        foreach (var (name, frames) in samples)
        {
            var info = new StringBuilder().Insert(0, "250 ", frames.Length - 1).Append($"1500 {frames[0].Width}x{frames[0].Height} 0");
            Assert.That(File.ReadAllText(folder[name + ".txt"]), Is.EqualTo(info.ToString()), name);
            Assert.That(File.ReadAllBytes(folder[name + ".raw"]).AsSpan().SequenceEqual(frames.SelectMany(Rgb).ToArray()), Is.True, name);
        }
    }

    [Test]
    public void FramesComeBackExactly()
    {
        foreach (var (name, frames) in ExactSamples())
        {
            var gif = GifDecoder.Read(Written(frames));
            Assert.That((gif.Width, gif.Height, gif.Loops), Is.EqualTo((frames[0].Width, frames[0].Height, 0)), name);
            Assert.That(gif.Delays, Is.EqualTo(Enumerable.Repeat(20, frames.Length - 1).Append(200)), name);
            Assert.That(gif.Frames, Has.Count.EqualTo(frames.Length), name);
            for (int i = 0; i < frames.Length; i++)
                Assert.That(gif.Frames[i].AsSpan().SequenceEqual(Rgb(frames[i])), Is.True, $"{name}, frame {i}");
        }
    }

    [Test]
    public void EveryLengthAroundAChangeOfCodeWidthComesBack()
    {
        int[] lengths =
        [
            .. Enumerable.Range(1, 20), .. Enumerable.Range(245, 25), .. Enumerable.Range(755, 30), .. Enumerable.Range(1780, 40),
            .. Enumerable.Range(3820, 80), 4094, 4095, 4096, 4097, 7700, 7701,
        ];
        foreach (int length in lengths)
        {
            var noise = Pictures.Noise(length, 1, 1, length);
            Assert.That(
                GifDecoder.Read(Written([noise])).Frames[0].AsSpan().SequenceEqual(Rgb(noise)), Is.True, $"{length} pixels of noise");
        }
    }

    [Test]
    public void LongRunsOfEveryLengthComeBack()
    {
        for (int length = 1; length < 400; length++)
        {
            var run = Pictures.Constant(1, length, 1, 9);
            Assert.That(GifDecoder.Read(Written([run])).Frames[0].AsSpan().SequenceEqual(Rgb(run)), Is.True, $"{length} equal pixels");
        }
    }

    [Test]
    public void ManyColoursAreNoWorseThanPillowsMedianCut()
    {
        string python = ToolRequirement.Python("PIL");
        using var folder = new TemporaryFolder();
        foreach (var picture in (Image[])[Pictures.Waves(128, 128, 3), Pictures.Noise(64, 64, 3, 1)])
        {
            AtomicFile.Write(folder["picture.png"], stream => Png.Write(stream, picture));
            var result = Processes.Run(python, "-c", PillowCuts, folder["picture.png"]);
            Assert.That(result.ExitCode, Is.Zero, result.Error);
            double pillow = double.Parse(result.Output, CultureInfo.InvariantCulture);

            double error = MeanSquaredError(GifDecoder.Read(Written([picture])).Frames[0], picture);

            TestContext.Out.WriteLine($"mean squared error {error:F2}, Pillow {pillow:F2}");
            Assert.That(error, Is.GreaterThan(0).And.LessThan(pillow));
        }
    }

    [Test]
    public void ThePaletteIsSharedOverAllFrames()
    {
        Image[] frames = [Pictures.Waves(60, 60, 3), Pictures.Waves(60, 60, 3, 2), Pictures.Constant(60, 60, 3, 128)];
        var gif = GifDecoder.Read(Written(frames));
        for (int i = 0; i < frames.Length; i++)
            Assert.That(MeanSquaredError(gif.Frames[i], frames[i]), Is.LessThan(60), $"frame {i}");
        Assert.That(gif.Frames.SelectMany(f => f.Chunk(3)).Select(c => (c[0], c[1], c[2])).Distinct().Count(), Is.LessThanOrEqualTo(256));
    }

    [Test]
    public void SameFramesSameBytes()
    {
        var frames = Enumerable.Range(0, 3).Select(i => Pictures.Waves(50, 40, 3, i));
        Assert.That(Written(frames), Is.EqualTo(Written(frames.ToArray())));
    }

    [Test]
    public void FramesAreAskedForOneByOne()
    {
        int made = 0;
        var written = new List<long>();
        var stream = new MemoryStream();
        Gif.Write(stream, Lazily());
        Assert.That(made, Is.EqualTo(1 + 20), "a look at the first, then all of them");
        Assert.That(
            written.Skip(2).Zip(written.Skip(3)).All(pair => pair.Second > pair.First), Is.True,
            "each is written before the next but one is read");

        IEnumerable<Image> Lazily()
        {
            for (int i = 0; i < 20; i++)
            {
                made++;
                written.Add(stream.Length);
                yield return Pictures.Noise(30, 30, 1, i);
            }
        }
    }

    [Test]
    public void WithoutLoopingThereIsNoLoop() =>
        Assert.That(GifDecoder.Read(Pictures.Bytes(s => Gif.Write(s, [Pictures.Noise(3, 3, 1, 1)], loop: false))).Loops, Is.Null);

    [Test]
    public void WhatIsNoAnimationIsRefused()
    {
        Assert.Throws<ArgumentException>(() => Written([]));
        Assert.Throws<ArgumentException>(() => Gif.Write(Stream.Null, [Pictures.Noise(1, 1, 1, 1)], delay: -1));
        Assert.Throws<ArgumentException>(() => Gif.Write(Stream.Null, [Pictures.Noise(1, 1, 1, 1)], lastDelay: 65536));
        var odd = Assert.Throws<GanException>(() => Written([Pictures.Noise(4, 4, 1, 1), Pictures.Noise(4, 5, 1, 1)]))!;
        Assert.That(odd.Code, Is.EqualTo(ExitCode.Data));
        Assert.That(odd.Message, Does.Contain("Frame 2").And.Contain("5x4").And.Contain("4x4"));
        Assert.Throws<GanException>(() => Written([Pictures.Noise(4, 4, 3, 1), Pictures.Noise(4, 4, 1, 1)]));
        Assert.Throws<GanException>(() => Written([Pictures.Constant(65536, 1, 1, 1)]));
    }

    private static byte[] Written(IEnumerable<Image> frames) => Pictures.Bytes(stream => Gif.Write(stream, frames));

    private static byte[] Rgb(Image image) =>
        image.Channels == 3 ? image.Pixels.ToArray() : [.. image.Pixels.ToArray().SelectMany(grey => new[] { grey, grey, grey })];

    private static Image OfColours(int width, int height, int count, int seed)
    {
        var random = new Random(seed);
        var colours = Pictures.Noise(count, 1, 3, 99).Pixels.ToArray().Chunk(3).ToArray();
        return new Image(width, height, 3, [.. Enumerable.Range(0, width * height).SelectMany(_ => colours[random.Next(count)])]);
    }

    private static double MeanSquaredError(byte[] actual, Image expected) =>
        actual.Zip(Rgb(expected)).Average(pair => (double)(pair.First - pair.Second) * (pair.First - pair.Second));
}
