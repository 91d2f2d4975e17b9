using GanFromScratch.Gan.Data;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Evaluation;
using GanFromScratch.Gan.Images;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>Which pictures of a data set are learnt from, held back, and held against.</summary>
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
        Refused("mnist", "6 pictures", "1,200", "200");
        Refused(_folder.Path, _folder.Path, "labels", "--dataset");
    }

    private void Refused(string name, params string[] facts)
    {
        var fault = Assert.Throws<GanException>(() => Open(name))!;
        Assert.That(fault.Code, Is.EqualTo(ExitCode.Data));
        foreach (string fact in facts)
            Assert.That(fault.Message, Does.Contain(fact));
    }

    private ReferenceSet Open(string name) => ReferenceSet.Open(new DatasetRequest(name) { DataDir = Path.Combine(_folder.Path, "set") });
}
