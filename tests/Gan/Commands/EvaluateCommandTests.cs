using System.IO.Compression;
using System.Text.Json;
using GanFromScratch.Gan.Data;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Evaluation;
using GanFromScratch.Gan.Images;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>`gan evaluate`: a run's pictures, and pictures made elsewhere, against a small labelled set.</summary>
public sealed class EvaluateCommandTests
{
    private GanProgram _gan = null!;

    [SetUp]
    public void SetUp()
    {
        _gan = new GanProgram();
        LabelledDigits.Put(part => _gan.Put(Path.Combine("set", part.Name), part.Content));
    }

    [TearDown]
    public void TearDown() => _gan.Dispose();

    /// <summary>
    /// Every kind of network is judged; one that knows classes is judged by them, too, and real pictures beside it show how good the
    /// classifier is.
    /// </summary>
    [TestCase("cgan", true)]
    [ExhaustiveCase("acgan", true)]
    [ExhaustiveCase("dcgan", false)]
    [ExhaustiveCase("stable-conv", false)]
    [ExhaustiveCase("stable-conv --conditional", true)]
    public void PicturesAreJudgedAndTheirClassesWhereTheyWereAskedFor(string recipe, bool hasClasses)
    {
        _gan.Done($"--recipe {recipe} --data-dir set --steps 3 --batch 64 --output run --samples 4");
        var said = _gan.Done("evaluate run --count 300");
        using var json = JsonDocument.Parse(File.ReadAllText(_gan["run", "evaluation.json"]));
        JsonElement made = json.RootElement.GetProperty("generated"), real = json.RootElement.GetProperty("real");
        Assert.That(Distance(made), Is.GreaterThan(5 * Distance(real)), "three steps make no digits");
        const string Row = "\nclass asked for +[0-9.]+ % +9[0-9.]+ %  share that the classifier takes";
        Assert.That(said.Output, hasClasses ? Does.Match(Row) : Does.Not.Contain("class asked for"));
        Assert.That(made.TryGetProperty("class_asked_for", out var ofMade), Is.EqualTo(hasClasses));
        if (!hasClasses)
            return;
        Assert.That(ofMade.GetDouble(), Is.InRange(0, 0.3), "one class in ten is right by chance");
        Assert.That(real.GetProperty("class_asked_for").GetDouble(), Is.InRange(0.9, 1));
    }

    /// <summary>
    /// The same figures for a run, for its pictures as a file and as a folder, for any number of threads, with the classifier learnt or
    /// kept.
    /// </summary>
    [Test]
    [Category(SampledAttribute.Exhaustive)]
    public void ARunAndItsPicturesMadeElsewhere()
    {
        _gan.Done("--data-dir set --steps 20 --batch 64 --output run --samples 4");
        var said = _gan.Done("evaluate run --count 300 --seed 3 --threads 2");
        Assert.That(said.Output, Does.Contain("a classifier of mnist on 2,000 pictures, once")
            .And.Contain("pictures    300 from run/generator.safetensors\n")
            .And.Contain("All against 400 test pictures").And.Contain("evaluation.json has all values"));
        string first = File.ReadAllText(_gan["run", "evaluation.json"]);
        using var json = JsonDocument.Parse(first);
        var root = json.RootElement;
        Assert.That(root.GetProperty("dataset").GetProperty("which_are").GetString(), Is.EqualTo("test"));
        Assert.That(root.GetProperty("features").GetString(), Is.EqualTo("classifier"));
        Assert.That(root.GetProperty("classifier").GetProperty("accuracy").GetDouble(), Is.GreaterThan(0.9));
        Assert.That(root.GetProperty("classifier").GetProperty("poor_judge").GetBoolean(), Is.False);
        Assert.That(
            root.GetProperty("classes").EnumerateArray().Select(name => name.GetString()), Is.EqualTo("0123456789".Select(c => $"{c}")));
        Assert.That(said.Output, Does.Contain("classifier  accuracy 9").And.Contain("\nclass 7 ").And.Not.Contain("poor"));
        var (made, real) = (root.GetProperty("generated"), root.GetProperty("real"));
        foreach (var metric in QualityMetric.OfClassifier)
        {
            string row = said.Output.Split('\n').Single(line => line.StartsWith(metric.Name + "  ", StringComparison.Ordinal));
            Assert.That(row, Does.EndWith(metric.Note).And.Contain(metric.Show(made.GetProperty(metric.Key).GetDouble())));
            Assert.That(real.TryGetProperty(metric.Key, out _), metric.Key);
        }
        Assert.That((made.GetProperty("count").GetInt32(), real.GetProperty("count").GetInt32()), Is.EqualTo((300, 300)));
        Assert.That(made.GetProperty("classes").EnumerateArray().Sum(n => n.GetInt32()), Is.EqualTo(300));
        Assert.That(root.GetProperty("test_classes").EnumerateArray().Sum(n => n.GetInt32()), Is.EqualTo(400));
        Assert.That(Distance(made), Is.GreaterThan(5 * Distance(real)), "twenty steps make no digits");
        Assert.That(made.GetProperty("kernel_distance_standard_error").GetDouble(), Is.GreaterThan(0));
        var halves = root.GetProperty("two_parts_of_real");
        Assert.That(halves.GetProperty("counts").EnumerateArray().Select(n => n.GetInt32()), Is.EqualTo(new[] { 300, 400 }));
        Assert.That(Distance(halves), Is.GreaterThan(0).And.LessThan(Distance(made)));
        Assert.That(real.GetProperty("precision").GetDouble(), Is.GreaterThan(made.GetProperty("precision").GetDouble()));
        Assert.That(root.GetProperty("nearest_training_pictures").GetArrayLength(), Is.EqualTo(8));
        var picture = Pictures.Read(_gan["run", "neighbours.png"]);
        Assert.That((picture.Width, picture.Height), Is.EqualTo((2 + (6 * 58), 2 + (8 * 58))));

        var again = _gan.Done("evaluate run --count 300 --seed 3 --threads 1");
        Assert.That(again.Output, Does.Not.Contain("a classifier of"));
        Assert.That(File.ReadAllText(_gan["run", "evaluation.json"]), Is.EqualTo(first));

        _gan.Done("sample run --count 300 --seed 3 --npz made.npz");
        SameFigures("made.npz");
        var pixels = NpzFile.Read(_gan["made.npz"]);
        Directory.CreateDirectory(_gan["made"]);
        for (int i = 0; i < pixels.Count; i++)
            ImageWriter.Write(_gan["made", $"{i:0000}.png"], new Image(28, 28, 1, pixels.Pixels[(i * 784)..][..784]));
        SameFigures("made");

        // more than are judged, as if sorted by class: some of them all over the file
        var some = _gan.Done("evaluate --images made.npz --count 250 --dataset mnist --data-dir set --output some");
        Assert.That(some.Error, Does.Contain("made.npz holds 300 pictures").And.Contain("250").And.Contain("--count"));
        Assert.That(File.ReadAllBytes(_gan["some", "neighbours.png"]), Is.Not.EqualTo(File.ReadAllBytes(_gan["run", "neighbours.png"])));

        void SameFigures(string images)
        {
            _gan.Done($"evaluate --images {images} --count 300 --seed 3 --dataset mnist --data-dir set --output deep/{images}");
            string text = File.ReadAllText(_gan["deep", images, "evaluation.json"]);
            Assert.That(
                text.Replace("\"of\": \"given\"", "\"of\": \"odog\"")
                    .Replace($"\"from\": \"{images}\"", "\"from\": \"run/generator.safetensors\""),
                Is.EqualTo(first));
            Assert.That(
                File.ReadAllBytes(_gan["deep", images, "neighbours.png"]), Is.EqualTo(File.ReadAllBytes(_gan["run", "neighbours.png"])));
        }
    }

    /// <summary>
    /// The test pictures themselves are at no distance, copies of training pictures near the floor, and neighbours tell that they are
    /// copies.
    /// </summary>
    [Test]
    public void RealPicturesInAGeneratorsPlace()
    {
        var digits = Digits.Draw(LabelledDigits.Training + LabelledDigits.Test);
        Put("test.npz", LabelledDigits.Training, LabelledDigits.Test);
        Put("copies.npz", 0, 400);
        var test = Evaluate("test.npz").GetProperty("generated");
        Assert.That(Distance(test), Is.Zero.Within(1e-6));
        Assert.That((test.GetProperty("precision").GetDouble(), test.GetProperty("recall").GetDouble()), Is.EqualTo((1.0, 1.0)));
        Assert.That(test.GetProperty("kl_of_classes").GetDouble(), Is.Zero);
        var copies = Evaluate("copies.npz");
        Assert.That(Distance(copies.GetProperty("generated")), Is.LessThan(3 * Distance(copies.GetProperty("real"))));
        int number = 0;
        foreach (var nearest in copies.GetProperty("nearest_training_pictures").EnumerateArray())
        {
            Assert.That(nearest.GetProperty("numbers")[0].GetInt32(), Is.EqualTo(number++));
            Assert.That(nearest.GetProperty("rms_differences")[0].GetDouble(), Is.Zero);
            Assert.That(nearest.GetProperty("rms_differences")[1].GetDouble(), Is.GreaterThan(0));
        }

        void Put(string name, int from, int count)
        {
            using var file = File.Create(_gan[name]);
            NpzFile.Write(file, new NpzPictures(digits.Shape, digits.Pixels[(from * 784)..][..(count * 784)]), CompressionLevel.Fastest);
        }

        JsonElement Evaluate(string images)
        {
            _gan.Done($"evaluate --images {images} --data-dir set");
            using var json = JsonDocument.Parse(File.ReadAllText(_gan["evaluation.json"]));
            return json.RootElement.Clone();
        }
    }

    [Test]
    [Category(SampledAttribute.Exhaustive)]
    public void WhatCantBeJudgedIsRefused()
    {
        _gan.Refused(ExitCode.Usage, "evaluate", "needs a run, or --images");
        _gan.Refused(ExitCode.Usage, "evaluate run --images a.npz", "RUN and --images");
        _gan.Refused(ExitCode.Usage, "evaluate run --count 10", "--count: '10' is out of range. Give a whole number from 20 ");
        _gan.Refused(ExitCode.Data, "evaluate nowhere", "There is no run 'nowhere'");
        _gan.Refused(ExitCode.Data, "evaluate --images nowhere.npz", "there is no 'nowhere.npz'");
        _gan.Put("file", [1]);
        _gan.Refused(ExitCode.Usage, "evaluate --images file --output file/deeper", "is a file, no folder");
        _gan.Refused(ExitCode.Data, "evaluate --images file --data-dir set", "file ", "ZIP");
        _gan.Refused(ExitCode.Data, "evaluate --images file --dataset .", "holds no pictures");
        _gan.Refused(ExitCode.Usage, "evaluate --images file --resize --data-dir set", "--resize is for --images that are a folder");
        _gan.Refused(ExitCode.Usage, "evaluate run --features pixel", "Give one of classifier, pixels");
        using (var few = File.Create(_gan["few.npz"]))
            NpzFile.Write(few, new NpzPictures(MnistFiles.Shape, new byte[3 * 784]), CompressionLevel.Fastest);
        _gan.Refused(ExitCode.Data, "evaluate --images few.npz --data-dir set", "few.npz holds 3 pictures", "200");
        _gan.Put(Path.Combine("cifar", "data_batch_1.bin"), FakeCifar10.Records(1500));
        _gan.Refused(ExitCode.Data, "evaluate --images few.npz --dataset cifar10 --data-dir cifar", "[3,28,28]", "[n,32,32,3]");
        _gan.Done("--data-dir set --steps 1 --batch 16 --output run --samples 4");
        _gan.Refused(
            ExitCode.Data, "evaluate run --dataset cifar10 --data-dir cifar",
            "28x28 grey", "cifar10", "32x32 colour", "--dataset");
        _gan.Put(Path.Combine("run", "settings.json"), [.. "{}"u8]);
        _gan.Refused(
            ExitCode.Data, "evaluate run", "settings.json", "--dataset");
    }

    /// <summary>A run on a folder of pictures, which says itself what it was trained on, is judged by the pictures' pixels.</summary>
    [Test]
    [Category(SampledAttribute.Exhaustive)]
    public void OnesOwnPictures()
    {
        var digits = Digits.Draw(90);
        Directory.CreateDirectory(_gan["own"]);
        PutPictures("own", digits.Bytes, 0, 90);
        _gan.Done("--dataset own --batch 30 --steps 20 --output run --samples 4");
        var said = _gan.Done("evaluate run --threads 2");
        Assert.That(said.Error, Is.Empty);
        Assert.That(said.Output, Does.Contain("pictures    30 from run/generator.safetensors\n")
            .And.Contain("7 principal components of the pixels").And.Contain("of 30 training pictures")
            .And.Contain("All against 30 held-out pictures, which a generator may have been trained on")
            .And.Contain("Few pictures make all figures rough: these come from 30,").And.Not.Contain("classif"));
        string first = File.ReadAllText(_gan["run", "evaluation.json"]);
        using var json = JsonDocument.Parse(first);
        var root = json.RootElement;
        Assert.That(root.GetProperty("features").GetString(), Is.EqualTo("pca_of_pixels"));
        Assert.That(root.GetProperty("pca").GetProperty("components").GetInt32(), Is.EqualTo(7));
        var (made, real) = (root.GetProperty("generated"), root.GetProperty("real"));
        foreach (var metric in QualityMetric.OfPixels)
        {
            string row = said.Output.Split('\n').Single(line => line.StartsWith(metric.Name + "  ", StringComparison.Ordinal));
            Assert.That(row, Does.EndWith(metric.Note).And.Contain(metric.Show(made.GetProperty(metric.Key).GetDouble())));
            Assert.That(metric.Key, Does.StartWith("pca_"));
            Assert.That(double.IsFinite(real.GetProperty(metric.Key).GetDouble()), metric.Key);
        }
        Assert.That(first, Does.Not.Contain("classifier").And.Not.Contain("classes"));
        Assert.That(made.GetProperty("pca_variety").GetDouble(), Is.LessThan(real.GetProperty("pca_variety").GetDouble()));
        _gan.Done("evaluate run --threads 1");
        Assert.That(File.ReadAllText(_gan["run", "evaluation.json"]), Is.EqualTo(first));

        // numbers are those of the folder, in the order of its names
        PutPictures("some", digits.Bytes, 40, 20);
        _gan.Done("evaluate --images some --dataset own --output some");
        using var some = JsonDocument.Parse(File.ReadAllText(_gan["some", "evaluation.json"]));
        foreach (var nearest in some.RootElement.GetProperty("nearest_training_pictures").EnumerateArray())
        {
            bool isCopy = nearest.GetProperty("rms_differences")[0].GetDouble() == 0; // or it is a test picture
            Assert.That(!isCopy || nearest.GetProperty("numbers")[0].GetInt32() is >= 40 and < 60);
        }
        _gan.Refused(ExitCode.Data, "evaluate run --features classifier", "has no classes");
        Assert.That(
            _gan.Done("evaluate run --features pixels --dataset mnist --data-dir set --count 300").Output,
            Does.Contain("64 principal components").And.Contain("All against 400 test pictures. "));
    }

    /// <summary>Labels that mean nothing, of classes with names.</summary>
    [Test]
    public void APoorJudge()
    {
        LabelledDigits.Put(part =>
            _gan.Put(Path.Combine("fashion", part.Name), part.Name.Contains("labels") ? Shuffled(part.Content) : part.Content));
        var said = _gan.Done($"evaluate {Waves(28, 1)} --dataset fashion-mnist --data-dir fashion");
        Assert.That(
            said.Output,
            Does.Match("classifier  a poor judge: right for \\d+ % of the test pictures; its figures say little about looks\n"));
        Assert.That(said.Output, Does.Contain("\nclass ankle boot  ").And.Not.Contain("look real"));
        using var json = JsonDocument.Parse(File.ReadAllText(_gan["evaluation.json"]));
        Assert.That(json.RootElement.GetProperty("classifier").GetProperty("poor_judge").GetBoolean(), Is.True);
        Assert.That(json.RootElement.GetProperty("classes")[9].GetString(), Is.EqualTo("ankle boot"));

        static byte[] Shuffled(byte[] labels)
        {
            byte[] shuffled = [.. labels];
            new Random(1).Shuffle(shuffled.AsSpan(8));
            return shuffled;
        }
    }

    /// <summary>A hundred classes: those that differ the most are shown, and all are written.</summary>
    [Test]
    public void ManyClasses()
    {
        _gan.Put("cifar/train.bin", FakeCifar10.Records100(1000));
        _gan.Put("cifar/test.bin", FakeCifar10.Records100(200));
        string[] lines = _gan.Done($"evaluate {Waves(32, 3)} --dataset cifar100 --data-dir cifar").Output.Split('\n');
        Assert.That(lines.Count(line => line.StartsWith("class ", StringComparison.Ordinal)), Is.EqualTo(10));
        Assert.That(lines.Count(line => line.StartsWith("90 more classes", StringComparison.Ordinal)), Is.EqualTo(1));
        using var json = JsonDocument.Parse(File.ReadAllText(_gan["evaluation.json"]));
        Assert.That(json.RootElement.GetProperty("classes").GetArrayLength(), Is.EqualTo(100));
        Assert.That(json.RootElement.GetProperty("test_classes").GetArrayLength(), Is.EqualTo(100));
    }

    /// <summary>A folder's pictures of other sizes are no figures without a word.</summary>
    [Test]
    [Category(SampledAttribute.Exhaustive)]
    public void PicturesOfOtherSizes()
    {
        const string Against = "--dataset mnist --data-dir set --features pixels --output out";
        PutPictures("made", Digits.Draw(30).Bytes, 0, 30);
        _gan.Put("made/large.png", PictureFolderTests.Flat(40, 30, 1, 9));
        _gan.Put("made/red.png", PictureFolderTests.Flat(28, 28, 3, 200, 0, 0));
        _gan.Refused(
            ExitCode.Data, $"evaluate --images made {Against}", "2 of the 32 pictures in made aren't 28x28 grey, as those of mnist are",
            "large.png is 30x40 grey", "--resize");
        Assert.That(_gan.Done($"evaluate --images made --resize {Against}").Output, Does.Contain("pictures    32 from made"));
        _gan.Put("made/bad.png", [1]);
        _gan.Refused(ExitCode.Data, $"evaluate --images made --resize {Against}", "1 of the 33", "--skip-bad-files", "bad.png");
        var skipped = _gan.Done($"evaluate --images made --resize --skip-bad-files {Against}");
        Assert.That(skipped.Output, Does.Contain("pictures    32 from made"));
        Assert.That(skipped.Error, Does.Contain("1 of the 33").And.Contain("bad.png"));
        File.Delete(_gan["made", "bad.png"]);
        File.Delete(_gan["made", "red.png"]);
        File.Delete(_gan["made", "large.png"]);
        _gan.Put("made/grey.png", PictureFolderTests.Flat(28, 28, 3, 50)); // grey in colour's form
        _gan.Done($"evaluate --images made {Against}");
        _gan.Refused(ExitCode.Data, "evaluate --images made --dataset mnist --data-dir set", "31 pictures", "200 are needed");
    }

    private void PutPictures(string folder, ImageBytes of, int from, int count)
    {
        for (int i = from; i < from + count; i++)
        {
            var picture = new Image(of.Shape.Width, of.Shape.Height, of.Shape.Channels, of[i].ToArray());
            _gan.Put(Path.Combine(folder, $"{i:000}.png"), Pictures.Png(picture));
        }
    }

    // an option that names 200 waves of this shape
    private string Waves(int size, int channels)
    {
        byte[] pixels = [.. Enumerable.Range(0, 200).SelectMany(i => Pictures.Waves(size, size, channels, i * 0.1).Pixels.ToArray())];
        using var file = File.Create(_gan["waves.npz"]);
        NpzFile.Write(file, new NpzPictures(new PictureShape(size, size, channels), pixels), CompressionLevel.Fastest);
        return "--images waves.npz";
    }

    private static double Distance(JsonElement figures) => figures.GetProperty("classifier_frechet_distance").GetDouble();
}
