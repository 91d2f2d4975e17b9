using System.Buffers.Binary;
using System.Globalization;
using System.Text.Json;
using GanFromScratch.Gan.Files;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Gan.Runs;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>`gan train` that comes to its end: what it says, and the run's folder.</summary>
public sealed class TrainTests
{
    // an epoch and a half
    private const string Short = "--dataset digits --limit 256 --batch 64 --steps 6 --sample-every 1 --checkpoint-every 1";
    private GanProgram _gan = null!;

    [SetUp]
    public void SetUp() => _gan = new GanProgram();

    [TearDown]
    public void TearDown() => _gan.Dispose();

    [Test]
    public void ARunSaysWhatItDoesAndLeavesItsFolder()
    {
        var result = _gan.Done($"{Short} --seed 7 --threads 2 --output first");
        string[] lines = result.Output.TrimEnd().Split('\n');
        Assert.That(result.Error, Is.Empty);
        Assert.That(result.Output, Does.Not.Contain('\u001b').And.Not.Contain('\r'));
        Assert.That(lines[0], Is.EqualTo("data    The built-in digits, 256 pictures drawn by the program, as asked for."));
        Assert.That(lines[1], Does.StartWith("recipe  odog: "));
        Assert.That(lines[2..6], Is.EqualTo(new[]
        {
            "device  cpu, 2 threads", "length  6 steps of 64 pictures; 4 steps an epoch on 256 pictures", "seed    7", "output  first",
        }));
        Assert.That(
            lines[6],
            Does.Match(@"^epoch 1/2  step 4/6  D loss \d\.\d+  D accuracy [\d.]+ %  G loss \d\.\d+  [\d,]+ images/s  \d+:\d\d left$"));
        Assert.That(lines[7], Does.Match("^epoch 2/2  step 6/6 .* images/s$"));
        Assert.That(lines[8], Does.StartWith("Done: 6 steps in 0:0").And.EndWith("first holds"));
        string[] files = ["samples/epoch-0002.png", "samples/real.png", "training.gif", "loss.svg", "generator.safetensors"];
        foreach (string named in files)
            Assert.That(result.Output, Does.Contain(named));

        Assert.That(Files("first"), Is.EqualTo(new[]
        {
            "checkpoints/step-00000004.safetensors", "checkpoints/step-00000006.safetensors", "generator.safetensors",
            "loss.csv", "loss.svg", "metrics.jsonl", "samples/epoch-0000.png", "samples/epoch-0001.png",
            "samples/epoch-0002.png", "samples/real.png", "scores.jsonl", "settings.json", "steps.csv", "training.gif",
        }));
        CheckSettings();
        CheckLogs();
        CheckPictures();
        CheckGenerator();
    }

    [Sampled(5)]
    public void EveryRecipeTrainsCorrectedAndAsWritten(
        [Values("hsu", "odog", "fabo", "sdl", "lornatang")] string recipe, [Values] bool asWritten)
    {
        // 150 pictures in batches of 64: for those that take the last batch too, it holds 22
        _gan.Done($"--recipe {recipe} {(asWritten ? "--as-written" : "")} --dataset digits --limit 150 --batch 64 --epochs 1 --output run");
        string[] log = File.ReadAllLines(_gan["run", "loss.csv"]);
        Assert.That(log[0], Is.EqualTo(LossCsvSink.HeaderOf(RecipeBook.BuiltIn.Find(recipe))));
        Assert.That(log, Has.Length.EqualTo(2));
        Assert.That(
            log[1].Split(',').Select(field => double.Parse(field, CultureInfo.InvariantCulture)), Has.All.Matches<double>(double.IsFinite));
        Assert.That(File.ReadAllText(_gan["run", "settings.json"]), Does.Contain($"\"as_written\": {(asWritten ? "true" : "false")}"));
    }

    private void CheckSettings()
    {
        var settings = JsonDocument.Parse(File.ReadAllBytes(_gan["first", "settings.json"])).RootElement;
        var expected = new Dictionary<string, string>
        {
            ["program"] = "\"gan\"",
            ["schema"] = "2",
            ["version"] = $"\"{ProgramVersion.Text}\"",
            ["recipe"] = "\"odog\"",
            ["device"] = "\"cpu\"",
            ["threads"] = "2",
            ["seed"] = "7",
            ["batch"] = "64",
            ["epochs"] = "null",
            ["steps"] = "6",
            ["limit"] = "256",
            ["steps_per_epoch"] = "4",
            ["total_steps"] = "6",
            ["g_learning_rate"] = "0.0002",
            ["d_learning_rate"] = "0.0002",
            ["samples"] = "25",
            ["sample_every"] = "1",
        };
        var (request, resolved) = (settings.GetProperty("request"), settings.GetProperty("resolved"));
        foreach (var (name, value) in expected)
        {
            var within = settings.TryGetProperty(name, out _) ? settings : resolved.TryGetProperty(name, out _) ? resolved : request;
            Assert.That(within.GetProperty(name).GetRawText(), Is.EqualTo(value), name);
        }
        Assert.That(settings.GetProperty("output").GetString(), Does.EndWith("first"));
        var data = resolved.GetProperty("dataset");
        Assert.That((data.GetProperty("name").GetString(), data.GetProperty("where").GetString()), Is.EqualTo(("digits", "built in")));
        Assert.That((data.GetProperty("count").GetInt32(), data.GetProperty("used").GetInt32()), Is.EqualTo((256, 256)));
    }

    private void CheckLogs()
    {
        string csv = File.ReadAllText(_gan["first", "loss.csv"]);
        Assert.That(csv, Does.EndWith("\n"));
        string[] rows = csv.TrimEnd().Split('\n');
        string[] columns = rows[0].Split(',');
        Assert.That(rows[0], Is.EqualTo(LossCsvSink.HeaderOf(new Odog())));
        string[] objects = File.ReadAllText(_gan["first", "metrics.jsonl"]).TrimEnd().Split('\n');
        Assert.That((rows.Length, objects.Length), Is.EqualTo((3, 2)));
        for (int epoch = 1; epoch <= 2; epoch++)
        {
            double[] row = [.. rows[epoch].Split(',').Select(value => double.Parse(value, CultureInfo.InvariantCulture))];
            Assert.That(row[0], Is.EqualTo(epoch));
            Assert.That(row[2], Is.EqualTo((row[7] + row[8]) / 2).Within(1e-12).And.InRange(0, 1));
            var json = JsonDocument.Parse(objects[epoch - 1]).RootElement;
            for (int i = 0; i < columns.Length; i++)
                Assert.That(json.GetProperty(columns[i]).GetDouble(), Is.EqualTo(row[i]), columns[i]);
            Assert.That(json.GetProperty("step").GetInt32(), Is.EqualTo(epoch == 1 ? 4 : 6));
            Assert.That(json.GetProperty("d_gradient_norm").GetDouble(), Is.Positive);
            Assert.That(json.GetProperty("g_gradient_norm").GetDouble(), Is.Positive);
        }
    }

    private void CheckPictures()
    {
        foreach (string name in new[] { "real", "epoch-0000", "epoch-0001", "epoch-0002" })
        {
            var grid = Pictures.Read(_gan["first", "samples", $"{name}.png"]);
            Assert.That((grid.Width, grid.Height, grid.Channels), Is.EqualTo((292, 292, 1))); // five pictures of 56 pixels, six gaps of 2
        }
        var (frames, _) = Animation("first");
        Assert.That(frames, Is.EqualTo(3));
        Assert.That(File.ReadAllText(_gan["first", "loss.svg"]), Does.StartWith("<svg").And.Contain("odog on digits, seed 7"));
    }

    private void CheckGenerator()
    {
        var file = File.ReadAllBytes(_gan["first", "generator.safetensors"]);
        int length = (int)BinaryPrimitives.ReadUInt64LittleEndian(file);
        var header = JsonDocument.Parse(file.AsMemory(8, length)).RootElement;
        var shapes = header.EnumerateObject().Skip(1)
            .ToDictionary(entry => entry.Name, entry => entry.Value.GetProperty("shape").GetRawText());
        string[] names = [.. new[] { 1, 2, 3 }.SelectMany(i => new[]
        {
            $"fc{i}.weight", $"fc{i}.bias", $"bn{i}.weight", $"bn{i}.bias", $"bn{i}.running_mean", $"bn{i}.running_var",
        }), "fc4.weight", "fc4.bias"];
        Assert.That(shapes.Keys, Is.EqualTo(names));
        Assert.That(shapes["fc1.weight"], Is.EqualTo("[256,100]"));
        Assert.That(shapes["bn3.running_var"], Is.EqualTo("[1024]"));
        Assert.That(file, Has.Length.EqualTo(8 + length + (4 * 1_493_520)));
        var metadata = header.GetProperty("__metadata__");
        (string, string)[] expected =
            [("recipe", "odog"), ("noise_size", "100"), ("pixel_low", "-1"), ("pixel_high", "1"), ("format_version", "1")];
        foreach (var (name, value) in expected)
            Assert.That(metadata.GetProperty(name).GetString(), Is.EqualTo(value));
    }

    // Two steps at so small a rate change little: the file must hold the seed's own first weights, turned.
    [Test]
    public void TheGeneratorsWeightsAreTransposed()
    {
        _gan.Done("--dataset digits --limit 64 --batch 4 --steps 1 --learning-rate 1e-20 --seed 3 --output a");
        using var device = new Tensors.CpuDevice(1);
        var model = RecipeBook.BuiltIn.Find("odog").Build(new BuildContext(device, SteppedModel.Row(784), Seed: 3));
        float[] weight = model.Generator.Parameters[0].Value.ToArray(); // [100, 256]
        var file = File.ReadAllBytes(_gan["a", "generator.safetensors"]);
        int data = 8 + (int)BinaryPrimitives.ReadUInt64LittleEndian(file);
        for (int i = 0; i < weight.Length; i++)
        {
            int row = i / 256, column = i % 256;
            float stored = BinaryPrimitives.ReadSingleLittleEndian(file.AsSpan(data + (4 * ((column * 100) + row))));
            Assert.That(stored, Is.EqualTo(weight[i]).Within(1e-12f));
        }
    }

    [Test]
    public void TheSameSeedGivesTheSameBytes()
    {
        _gan.Done($"{Short} --seed 5 --threads 1 --output a");
        _gan.Done($"train {Short} --seed 5 --threads 2 --output b -q");
        _gan.Done($"{Short} --seed 6 --threads 2 --output c");
        foreach (string file in Files("a").Where(file => Path.GetExtension(file) is ".png" or ".gif" or ".svg" or ".safetensors"))
            Assert.That(File.ReadAllBytes(_gan["b", file]), Is.EqualTo(File.ReadAllBytes(_gan["a", file])), file);
        Assert.That(Untimed("b"), Is.EqualTo(Untimed("a")));
        Assert.That(Untimed("c"), Is.Not.EqualTo(Untimed("a")));
        Assert.That(
            File.ReadAllBytes(_gan["c", "samples/epoch-0000.png"]), Is.Not.EqualTo(File.ReadAllBytes(_gan["a", "samples/epoch-0000.png"])));

        string[] Untimed(string run) =>
            [.. File.ReadLines(_gan[run, "loss.csv"]).Select(row => row[..row.LastIndexOf(',', row.LastIndexOf(',') - 1)])];
    }

    [Test]
    public void RunsAreNumbered()
    {
        const string Tiny = "--dataset digits --limit 16 --batch 4 --steps 1";
        Directory.CreateDirectory(_gan["runs", "0041-odog-mnist"]);
        Directory.CreateDirectory(_gan["runs", "notes"]);
        Assert.That(_gan.Done(Tiny).Output, Does.Contain(Path.Combine("runs", "0042-odog-digits")));
        // two at a time must not meet
        var both = Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(() => _gan.RunAlone(Tiny.Split(' '))))).Result;
        Assert.That(both.Select(result => result.ExitCode), Is.All.Zero);
        string[] runs =
            [.. Directory.EnumerateDirectories(_gan["runs"]).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)];
        Assert.That(runs, Is.EqualTo(new[] { "0041-odog-mnist", "0042-odog-digits", "0043-odog-digits", "0044-odog-digits", "notes" }));
        Assert.That(runs[1..4].Select(run => Files(Path.Combine("runs", run)).Length), Is.All.EqualTo(12));
    }

    [Test]
    public void SamplesOptionsHold()
    {
        _gan.Done("--dataset digits --limit 16 --batch 8 --epochs 5 --samples 7 --sample-every 2 --output a");
        Assert.That(
            Files("a").Where(file => file.StartsWith("samples", StringComparison.Ordinal)),
            Is.EqualTo(new[] { 0, 2, 4, 5 }.Select(epoch => $"samples/epoch-{epoch:0000}.png").Append("samples/real.png")));
        var grid = Pictures.Read(_gan["a", "samples", "epoch-0005.png"]);
        Assert.That((grid.Width, grid.Height), Is.EqualTo((176, 176))); // three by three, two cells empty
        Assert.That(grid.Row(140)[100], Is.EqualTo(grid.Row(0)[0]));
        Assert.That(Animation("a").Frames, Is.EqualTo(4));
        Assert.That(File.ReadAllLines(_gan["a", "loss.csv"]), Has.Length.EqualTo(6));
    }

    [Test]
    public void EpochsAndStepsWhicheverIsFirst()
    {
        Assert.That(
            _gan.Done("--dataset digits --limit 16 --batch 8 --epochs 2 --steps 9 -v --output a").Output, Does.Contain("Done: 4 steps"));
        Assert.That(
            _gan.Done("--dataset digits --limit 16 --batch 8 --epochs 2 --steps 3 --output b").Output, Does.Contain("Done: 3 steps"));
    }

    [Test]
    public void OneIsNotSeveral()
    {
        string text = _gan.Done("--dataset digits --limit 1 --batch 1 --steps 1 --samples 1 --threads 1 --output a").Output;
        Assert.That(text, Does.Contain("digits, 1 picture drawn").And.Contain("length  1 step of 1 picture; 1 step an epoch on 1 picture"));
        Assert.That(text, Does.Contain("cpu, 1 thread").And.Contain("Done: 1 step in"));
    }

    [Test]
    public void MnistIsTakenFromItsFolder()
    {
        _gan.Put("own/train-images-idx3-ubyte", FakeMnist.Images);
        _gan.Put("own/train-labels-idx1-ubyte.gz", FakeMnist.Gzip(FakeMnist.Labels));
        var result = _gan.Done("--data-dir own --batch 4 --steps 1 --limit 9");
        Assert.That(result.Output, Does.StartWith($"data    MNIST, 7 pictures from {_gan["own"]} (--data-dir)."));
        Assert.That(result.Error.TrimEnd().Split('\n'), Has.Length.EqualTo(3).And.All.StartsWith("Warning: "));
        Assert.That(result.Error, Does.Contain("is not the published MNIST file").And.Contain("--limit 9 is more than there are"));
        Assert.That(Files(Path.Combine("runs", "0001-odog-mnist")), Does.Contain("settings.json"));
        Assert.That(_gan.Done("--data-dir own --batch 4 --steps 1 -q").Error, Is.Empty);
    }

    [Test]
    public void WithoutMnistAndANetworkAutoTrainsOnDigits()
    {
        var result = _gan.Done("--limit 16 --batch 4 --steps 1");
        Assert.That(
            result.Output, Does.StartWith("data    The built-in digits, 16 pictures ").And.Contain("because MNIST"));
        Assert.That(Directory.Exists(_gan["runs", "0001-odog-digits"]), Is.True);
    }

    [TestCase("--dataset digits --limit 1000", "The built-in digits, 1,000 pictures")]
    [TestCase("--limit 1000", "training would download it, or draw the built-in digits")]
    public void ADryRunWritesNothing(string arguments, string says)
    {
        string text = _gan.Done($"{arguments} --dry-run").Output;
        Assert.That(text, Does.Contain(says));
        foreach (string part in new[]
        {
            "8 steps an epoch on 1,000 pictures", "runs/0001-odog-", "1,493,520 parameters", "533,505", "[N, 784]",
            "25 pictures in 5 rows of 5, every 25 epochs", "memory  about ", "disk    about ", "for 30,000 steps of ",
            "Nothing was trained",
        })
        {
            Assert.That(text, Does.Contain(part));
        }
        // but for the user's cache, where it is kept which OpenCL drivers can be loaded
        Assert.That(Directory.EnumerateFileSystemEntries(_gan[""]).Except([_gan["cache"]]), Is.Empty);
    }

    [TestCase("--dry-run")]
    [TestCase("--limit 16 --batch 4 --steps 1")]
    public void ADryRunWarnsAsTrainingDoes(string arguments)
    {
        var result = _gan.RunOf(["/usr/bin/env", "GAN_DATA_DIR=nowhere", "dotnet", GanProgram.Dll, .. arguments.Split(' ')]);
        Assert.That(result.ExitCode, Is.Zero, result.Error);
        Assert.That(
            result.Error.TrimEnd(), Is.EqualTo("Warning: GAN_DATA_DIR is skipped: it names no folder."));
    }

    [Test]
    public void QuietTrainsWithoutAWord()
    {
        var result = _gan.Done("-q --dataset digits --limit 16 --batch 4 --steps 1");
        Assert.That(result.Output + result.Error, Is.Empty);
        Assert.That(Files(Path.Combine("runs", "0001-odog-digits")), Has.Length.EqualTo(12));
    }

    [Test]
    public void ATerminalGetsALiveLine()
    {
        ToolRequirement.Require(File.Exists("/usr/bin/script"), "/usr/bin/script");
        string command = $"TERM=xterm dotnet '{GanProgram.Dll}' --dataset digits --limit 256 --batch 64 --steps 12";
        var result = _gan.RunOf(["/usr/bin/script", "-qec", command, "/dev/null"]);
        Assert.That(result.ExitCode, Is.Zero, result.Output);
        Assert.That(result.Output, Does.Contain("\u001b[").And.Contain("━").And.Contain("epoch 3/3").And.Contain("Done: 12 steps"));
        Assert.That(
            result.Output, Does.Contain("\u001b[?25h").And.Not.Contain("\u001b[0A"), "the cursor comes back; 0 lines up would be one");
    }

    [Test]
    public void ManyGridsAreThinned()
    {
        int[] epochs = [.. Enumerable.Range(0, 1001)];
        int[] thinned = [.. GridSink.Thinned(epochs, 300)];
        Assert.That(thinned, Has.Length.EqualTo(300).And.Unique.And.Ordered);
        Assert.That((thinned[0], thinned[^1]), Is.EqualTo((0, 1000)));
        Assert.That(GridSink.Thinned([0, 1, 2], 300), Is.EqualTo(new[] { 0, 1, 2 }));
    }

    [TestCase(0.2, "0:00")]
    [TestCase(751, "12:31")]
    [TestCase(3723, "1:02:03")]
    [TestCase(double.NaN, "0:00")]
    public void TimesAreWords(double seconds, string words) => Assert.That(ConsoleSink.Describe(seconds), Is.EqualTo(words));

    private string[] Files(string run) =>
        [.. Directory.EnumerateFiles(_gan[run], "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(_gan[run], path).Replace('\\', '/')).Order(StringComparer.Ordinal)];

    private (int Frames, int Width) Animation(string run)
    {
        var gif = Pictures.ReadGif(_gan[run, "training.gif"]);
        return (gif.Frames.Count, gif.Frames[0].Width);
    }
}
