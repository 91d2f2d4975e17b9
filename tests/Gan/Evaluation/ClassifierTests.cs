using GanFromScratch.Gan.Data;
using GanFromScratch.Gan.Evaluation;
using GanFromScratch.Gan.Terminal;
using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>The classifier that judges pictures: what it learns, and how it is kept.</summary>
public sealed class ClassifierTests
{
    private TestFolder _folder = null!;
    private CpuDevice _device = null!;

    [SetUp]
    public void SetUp()
    {
        _folder = new TestFolder();
        _device = new CpuDevice(2);
        LabelledDigits.Put(_folder, "set");
    }

    [TearDown]
    public void TearDown()
    {
        _device.Dispose();
        _folder.Dispose();
    }

    /// <summary>2,000 drawn digits are enough for most of 400 others, and it is the same classifier for any number of threads.</summary>
    [Test]
    public void ItLearnsTheSameOnAnyNumberOfThreads()
    {
        var real = Open();
        var pictures = real.Learnt;
        using var alone = new CpuDevice(1);
        using var first = ClassifierTraining.Run(_device, pictures, real.TrainingLabels.Span, 10, _ => { });
        using var second = ClassifierTraining.Run(alone, pictures, real.TrainingLabels.Span, 10, _ => { });
        foreach (var (a, b) in first.State.Zip(second.State))
            Assert.That(a.Value.ToArray(), Is.EqualTo(b.Value.ToArray()), a.Name);
        var predictions = first.Extract(real.Test);
        Assert.That(predictions.Rows, Is.EqualTo(second.Extract(real.Test).Rows));
        Assert.That(predictions.Rows, Has.Length.EqualTo(real.Test.Count * Classifier.Features));
        Assert.That(ClassifierTraining.Accuracy(predictions, real.TestLabels.Span), Is.GreaterThan(0.9));
        Assert.That(predictions.MeanConfidence, Is.GreaterThan(0.5).And.LessThanOrEqualTo(1));
        Assert.That(
            first.Extract(real.Test.Slice(7, 1)).Classes[0], Is.EqualTo(predictions.Classes[7]), "each picture is judged by itself");
    }

    [Test]
    public void ItLearnsOnceForASetAndAgainWhereTheFileIsOfNoUse()
    {
        var real = Open();
        var screen = new Lines();
        string folder = Path.Combine(_folder.Path, "cache", "classifiers");
        var (features, accuracy) = Get();
        string path = Directory.GetFiles(folder).Single();
        byte[] whole = File.ReadAllBytes(path);
        Assert.That(Path.GetFileName(path), Does.Match("^mnist-[0-9a-f]{16}.safetensors$"));
        Assert.That(screen.Said.Single(), Does.Contain("mnist").And.Contain("2,000 pictures"));

        Assert.That(Get(), Is.EqualTo((features, accuracy)), "from the file");
        Assert.That(screen.Said, Has.Count.EqualTo(1));

        File.WriteAllBytes(path, whole[..^8]);
        Assert.That(Get(), Is.EqualTo((features, accuracy)), "learnt again");
        Assert.That(screen.Said, Has.Count.EqualTo(2));
        Assert.That(screen.Warned.Single(), Does.StartWith($"Warning: {path}"));
        Assert.That(File.ReadAllBytes(path), Is.EqualTo(whole));

        (float[], double) Get()
        {
            var (classifier, share) = new ClassifierCache(folder, screen).Get(real, _device, threads: 2);
            using (classifier)
                return (classifier.Extract(real.Test).Rows, share);
        }
    }

    [Test]
    public void ACacheThatCantBeWrittenIsAWarning()
    {
        var real = Open();
        var screen = new Lines();
        var (classifier, accuracy) = new ClassifierCache(Path.Combine(_folder.File("file", []), "classifiers"), screen)
            .Get(real, _device, threads: 2);
        classifier.Dispose();
        Assert.That(accuracy, Is.GreaterThan(0.9));
        Assert.That(screen.Warned.Single(), Does.Contain("classifier").And.Contain(_folder.Path));
    }

    /// <summary>What the program promises: 98 % of MNIST's test pictures.</summary>
    [Test]
    public void TheRealSet()
    {
        string? folder = Environment.GetEnvironmentVariable("GAN_TEST_MNIST");
        if (string.IsNullOrEmpty(folder))
            Assert.Ignore("needs GAN_TEST_MNIST to name a folder that holds MNIST");
        var real = ReferenceSet.Open(new DatasetRequest("mnist") { DataDir = folder });
        Assert.That(real.TestSource, Is.EqualTo("test"));
        var (classifier, accuracy) = new ClassifierCache(Path.Combine(_folder.Path, "cache"), new Lines())
            .Get(real, _device, Environment.ProcessorCount);
        classifier.Dispose();
        TestContext.Out.WriteLine($"{100 * accuracy:0.00} %");
        Assert.That(accuracy, Is.GreaterThanOrEqualTo(0.98));
    }

    private ReferenceSet Open() => ReferenceSet.Open(new DatasetRequest("mnist") { DataDir = Path.Combine(_folder.Path, "set") });

    private sealed class Lines : Screen
    {
        public List<string> Said { get; } = [];

        public List<string> Warned { get; } = [];

        public override void Print(string line) => Said.Add(line);

        public override void Notice(string line) => Warned.Add(line);
    }
}
