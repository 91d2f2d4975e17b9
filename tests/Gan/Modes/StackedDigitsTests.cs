using GanFromScratch.Gan.Data;
using GanFromScratch.Gan.Evaluation;
using GanFromScratch.Gan.Images;
using GanFromScratch.Gan.Modes;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>Three digits in the channels of a picture: what is drawn, and how pictures are counted.</summary>
[Quick]
public sealed class StackedDigitsTests
{
    private TestFolder _folder = null!;

    [SetUp]
    public void SetUp() => _folder = new TestFolder();

    [TearDown]
    public void TearDown() => _folder.Dispose();

    /// <summary>Each channel is one of the digits, and all channels and pictures are drawn by themselves.</summary>
    [Test]
    public void EachChannelIsADigitDrawnByItself()
    {
        using var device = new CpuDevice(1);
        var digits = Open();
        using var stacked = new StackedDigits(digits, new ByExample(digits));
        Assert.That((stacked.Modes, stacked.Shape, stacked.Samples), Is.EqualTo((1000, new PictureShape(28, 28, 3), 26_000)));
        using var pictures = stacked.Sample(device, new RandomStream(3, 4), 300);
        var values = pictures.ToArray();
        var known = Enumerable.Range(0, digits.Training.Count).Select(i => Convert.ToHexString(digits.Training[i])).ToHashSet();
        for (int i = 0; i < 900; i++)
            Assert.That(known, Does.Contain(Convert.ToHexString(Channel(values, i / 3, i % 3))), $"picture {i / 3}, channel {i % 3}");
        var drawn = Enumerable.Range(0, 900).Select(i => Convert.ToHexString(Channel(values, i / 3, i % 3)));
        Assert.That(drawn.Distinct().Count(), Is.GreaterThan(700));
        // 300 draws of 1000: 259 modes are expected
        var score = stacked.Score(values);
        Assert.That(score.Covered, Is.InRange(235, 285));
        Assert.That(score.HighQuality, Is.Null);
    }

    /// <summary>The first channel's digit counts hundreds, the last one's units; the divergence is that from equal shares.</summary>
    [Test]
    public void PicturesAreCountedByTheClassesOfTheirChannels()
    {
        var digits = Open();
        using var stacked = new StackedDigits(digits, new ByExample(digits));
        var labels = digits.TrainingLabels.Span;
        int seven = labels.IndexOf((byte)7), two = labels.IndexOf((byte)2);
        var tally = stacked.NewTally();
        stacked.Count([.. Stack(digits, seven, two, two), .. Stack(digits, two, seven, two)], tally);
        stacked.Count([.. Stack(digits, seven, two, two), .. Stack(digits, seven, two, two)], tally);
        Assert.That(tally.Score.Covered, Is.EqualTo(2));
        double kl = (0.75 * Math.Log(750)) + (0.25 * Math.Log(250));
        Assert.That(tally.Score.ReverseKl, Is.EqualTo(kl).Within(1e-12));
    }

    [Test]
    public void ADrawingHasTheFirstPicturesInAGrid()
    {
        var digits = Open();
        using var stacked = new StackedDigits(digits, new ByExample(digits));
        using var device = new CpuDevice(1);
        using var pictures = stacked.Sample(device, new RandomStream(3, 4), stacked.Shown);
        var image = stacked.Draw(pictures.ToArray());
        Assert.That((image.Width, image.Height, image.Channels), Is.EqualTo((466, 466, 3)));
    }

    private ReferenceSet Open()
    {
        LabelledDigits.Put(_folder, "set");
        return ReferenceSet.Open(new DatasetRequest("fashion-mnist") { DataDir = Path.Combine(_folder.Path, "set") });
    }

    private static byte[] Channel(float[] pictures, int picture, int channel) => [.. Enumerable.Range(0, 784)
        .Select(pixel => (byte)MathF.Round((pictures[(((picture * 784) + pixel) * 3) + channel] + 1) * 127.5f))];

    private static IEnumerable<float> Stack(ReferenceSet digits, params int[] numbers) => Enumerable.Range(0, 784 * 3)
        .Select(at => (digits.Training[numbers[at % 3]][at / 3] / 127.5f) - 1f);

    /// <summary>Knows the class of each training picture.</summary>
    private sealed class ByExample(ReferenceSet digits) : IFeatureExtractor
    {
        private readonly Dictionary<string, byte> _classes = Enumerable.Range(0, digits.Training.Count)
            .GroupBy(i => Convert.ToHexString(digits.Training[i]))
            .ToDictionary(same => same.Key, same => digits.TrainingLabels.Span[same.First()]);

        public int Width => 1;

        public PictureFeatures Extract(ImageBytes pictures) => new(
            pictures.Count, [], [.. Enumerable.Range(0, pictures.Count).Select(i => _classes[Convert.ToHexString(pictures[i])])], []);

        public void Dispose()
        {
        }
    }
}
