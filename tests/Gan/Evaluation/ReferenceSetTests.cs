using GanFromScratch.Gan.Data;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Evaluation;
using GanFromScratch.Gan.Images;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>Which pictures of a data set are learnt from, held back, and held against.</summary>
[Quick]
public sealed class ReferenceSetTests
{
    private TestFolder _folder = null!;

    [SetUp]
    public void SetUp() => _folder = new TestFolder();

    [TearDown]
    public void TearDown() => _folder.Dispose();

    [TestCase("mnist")]
    [TestCase("fashion-mnist")]
    public void ATestPartBesideTheTrainingPart(string name)
    {
        LabelledDigits.Put(_folder, "set");
        var real = Open(name);
        var digits = Digits.Draw(LabelledDigits.Training + LabelledDigits.Test);
        Assert.That((real.Name, real.TestSource, real.Training.Count, real.LearntCount), Is.EqualTo((name, "test", 2400, 2000)));
        Assert.That(real.Test.Pixels.ToArray(), Is.EqualTo(digits.Pixels[(2400 * 784)..]));
        Assert.That(real.TestLabels.ToArray(), Is.EqualTo(digits.Labels![2400..]));
        Assert.That(real.HeldBack.Pixels.ToArray(), Is.EqualTo(digits.Pixels[(2000 * 784)..(2400 * 784)]));
        Assert.That(real.TrainingLabels.ToArray(), Is.EqualTo(digits.Labels![..2400]));
        Assert.That(
            real.Warnings.Count(warning => warning.Contains("t10k")), Is.EqualTo(name == "mnist" ? 2 : 0),
            "other content than the published one");
    }

    [Test]
    public void WithoutATestPartTheLastSixthIsHeldOut()
    {
        LabelledDigits.Put(_folder, "set", withTest: false);
        var real = Open("mnist");
        Assert.That(real.TestSource, Is.EqualTo("held out"));
        Assert.That((real.Training.Count, real.LearntCount, real.Test.Count), Is.EqualTo((2000, 1667, 400)));
        Assert.That(real.Test.Pixels.ToArray(), Is.EqualTo(Digits.Draw(2400).Pixels[(2000 * 784)..]));
        Assert.That(
            real.Warnings[^1],
            Does.Contain("t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte").And.Contain("last 400 training pictures"));
    }

    [TestCase(true)]
    [TestCase(false)]
    public void Cifar10(bool withTest)
    {
        for (int batch = 1; batch <= 2; batch++)
            _folder.File($"set/data_batch_{batch}.bin", FakeCifar10.Records(800));
        if (withTest)
            _folder.File("set/test_batch.bin.gz", FakeMnist.Gzip(FakeCifar10.Records(250, first: 3)));
        var real = Open("cifar10");
        Assert.That(real.TestSource, Is.EqualTo(withTest ? "test" : "held out"));
        Assert.That((real.Training.Count, real.Test.Count), Is.EqualTo(withTest ? (1600, 250) : (1334, 266)));
        Assert.That(real.TestLabels.Span[0], Is.EqualTo(withTest ? 3 : 4));
        Assert.That(real.Test.Shape, Is.EqualTo(new PictureShape(32, 32, 3)));
    }

    [Test]
    public void SetsOfNoUse()
    {
        _folder.File("set/train-images-idx3-ubyte", FakeMnist.Images);
        _folder.File("set/train-labels-idx1-ubyte", FakeMnist.Labels);
        Refused("mnist", "3 pictures to learn from, 2 held back and 2 to compare with", "at least 20 of each", "Use a larger set");
        Own(60);
        Assert.That(Open(Pictures).FewestPictures, Is.EqualTo(20));
        Refused(Pictures, FeatureKind.Classifier, "has no classes", "Leave --features out");
        File.Delete(Path.Combine(Pictures, "007.png"));
        Refused(Pictures, " pictures to learn from, ", "at least 20 of each");
    }

    /// <summary>The same pictures every time, from everywhere in the folder, and each part in the folder's order.</summary>
    [Test]
    public void OnesOwnPicturesAreDrawnApart()
    {
        Own(120);
        var real = Open(Pictures);
        Assert.That((real.Features, real.IsOwn, real.TestSource), Is.EqualTo((FeatureKind.Pixels, true, "held out")));
        Assert.That((real.LearntCount, real.HeldBack.Count, real.Test.Count), Is.EqualTo((40, 40, 40)));
        byte[][] parts = [.. new[] { real.Learnt, real.HeldBack, real.Test }.Select(part => Firsts(part).ToArray())];
        foreach (var part in parts)
        {
            Assert.That(part, Is.Ordered);
            Assert.That(part.Count(value => value < 60), Is.InRange(12, 28), "of the folder's first half");
        }
        Assert.That(parts.SelectMany(part => part).Order(), Is.EqualTo(Enumerable.Range(0, 120)));
        Assert.That(Enumerable.Range(0, 80).Select(real.NumberOf), Is.EqualTo(Firsts(real.Training)));
        Assert.That(Open(Pictures).Training.Pixels.ToArray(), Is.EqualTo(real.Training.Pixels.ToArray()));
    }

    /// <summary>Pictures that come class by class: their labels go with them, and every part has both classes.</summary>
    [Test]
    public void LabelsGoWithOnesOwnPictures()
    {
        var all = Halves(1200);
        var real = ReferenceSet.Of(new DatasetRequest("cats"), all, features: null);
        Assert.That(real.Features, Is.EqualTo(FeatureKind.Classifier));
        Assert.That(real.Classes, Is.EqualTo(new[] { "cat", "dog" }));
        Assert.That((real.LearntCount, real.HeldBack.Count, real.Test.Count), Is.EqualTo((800, 200, 200)));
        Assert.That(real.TestLabels.ToArray(), Is.EqualTo(Firsts(real.Test)));
        Assert.That(real.TrainingLabels.ToArray(), Is.EqualTo(Firsts(real.Training)));
        Assert.That(real.TestLabels.ToArray().Count(label => label == 0), Is.InRange(70, 130));
        Assert.That(real.Warnings, Is.Empty);
        var pixels = ReferenceSet.Of(new DatasetRequest("cats"), all, FeatureKind.Pixels);
        Assert.That((pixels.Features, pixels.Warnings.Count), Is.EqualTo((FeatureKind.Pixels, 0)));

        var few = ReferenceSet.Of(new DatasetRequest("cats"), Halves(1199), features: null);
        Assert.That(few.Features, Is.EqualTo(FeatureKind.Pixels));
        Assert.That(few.Warnings.Single(), Does.Contain("has 799 pictures to learn from, 200 held back and 200 to compare with, and a"));

        static OpenedDataset Halves(int count)
        {
            byte[] labels = [.. Enumerable.Range(0, count).Select(i => (byte)(2 * i / count))];
            var images = new ImageSet(PictureFolder.Name, "cats", count, new PictureShape(1, 1, 1), labels, labels, ["cat", "dog"]);
            return new OpenedDataset(images, "", []);
        }
    }

    private string Pictures => Path.Combine(_folder.Path, "own");

    private void Own(int count)
    {
        for (int i = 0; i < count; i++)
            _folder.File($"own/{i:000}.png", PictureFolderTests.Flat(28, 28, 1, (byte)i));
    }

    private static IEnumerable<byte> Firsts(ImageBytes pictures) => Enumerable.Range(0, pictures.Count).Select(i => pictures[i][0]);

    private void Refused(string name, params string[] facts) => Refused(name, null, facts);

    private void Refused(string name, FeatureKind? features, params string[] facts)
    {
        var fault = Assert.Throws<GanException>(() => Open(name, features))!;
        Assert.That(fault.Code, Is.EqualTo(ExitCode.Data));
        foreach (string fact in facts)
            Assert.That(fault.Message, Does.Contain(fact));
    }

    private ReferenceSet Open(string name, FeatureKind? features = null) =>
        ReferenceSet.Open(new DatasetRequest(name) { DataDir = Path.Combine(_folder.Path, "set") }, features);
}
