using System.Text.Json.Nodes;
using GanFromScratch.Gan.Errors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>What is typed becomes a request, is kept, and decides the run.</summary>
public sealed class RequestTests
{
    private const string Short = "--recipe sdl --dataset digits --limit 64 --batch 32 --steps 2 --device cpu";
    private GanProgram _gan = null!;

    [SetUp]
    public void SetUp() => _gan = new GanProgram();

    [TearDown]
    public void TearDown() => _gan.Dispose();

    /// <summary>Each is in the settings under its own name, and changes the weights; the last one is the same typed otherwise.</summary>
    [TestCase("--beta1 0.4", "optimiser.beta1", "0.4", "--beta1=4e-1")]
    [TestCase("--beta2 0.9", "optimiser.beta2", "0.9", "--BETA2 0.9")]
    [ExhaustiveCase("--learning-rate 0.01", "optimiser.learning_rate", "0.01", "--lr 0.01")]
    [ExhaustiveCase("--g-lr 0.01", "optimiser.g_learning_rate", "0.01", "--g-learning-rate 0.01")]
    [ExhaustiveCase("--d-lr 0.01", "optimiser.d_learning_rate", "0.01", "--lr 0.0002 --d-lr 0.01")]
    [ExhaustiveCase("--batch 16", "batch", "16", "--batch-size 16")]
    [ExhaustiveCase("--loss hinge", "objective.loss", "hinge", "--loss Hinge")]
    public void AnOptionIsKeptAndDecides(string option, string path, string value, string alias)
    {
        string withoutBatch = Short.Replace("--batch 32", "", StringComparison.Ordinal);
        _gan.Done($"{withoutBatch} --batch-size=32 --output plain");
        string rest = option.StartsWith("--batch", StringComparison.Ordinal) ? withoutBatch : Short;
        _gan.Done($"{rest} {option} --output a");
        _gan.Done($"{rest} {alias} --output b");
        var found = path.Split('.').Aggregate((JsonNode)Settings("a")["request"]!, (node, name) => node[name]!);
        Assert.That(found.ToString(), Is.EqualTo(value));
        Assert.That(Generator("a"), Is.Not.EqualTo(Generator("plain")));
        Assert.That(Generator("b"), Is.EqualTo(Generator("a")));
    }

    /// <summary>Of an option that no line of the resuming code knows, too: a run can't go on with another value.</summary>
    [TestCase("beta1", "0.4", "optimiser.beta1 was 0.4 and would be missing")]
    [ExhaustiveCase("beta1", "0.6", "optimiser.beta1 was 0.4 and would be 0.6")]
    [ExhaustiveCase("g_learning_rate", "0.5", "g_learning_rate was 0.0002 and would be 0.5")]
    public void ARunIsHeldToItsOptions(string name, string value, string says)
    {
        _gan.Done($"{Short} --beta1 0.4 --output run");
        var settings = Settings("run");
        settings["request"]!["optimiser"]![name] = says.EndsWith("missing", StringComparison.Ordinal) ? null : JsonNode.Parse(value);
        File.WriteAllText(_gan["run", "settings.json"], settings.ToJsonString());
        _gan.Refused(ExitCode.Usage, "resume run --steps 4", says, "Only --data-dir, --epochs, --steps, --device, --threads");
        settings["request"]!["optimiser"]!["beta1"] = 0.4;
        settings["request"]!["optimiser"]!["g_learning_rate"] = null;
        File.WriteAllText(_gan["run", "settings.json"], settings.ToJsonString());
        _gan.Done("resume run --steps 4");
    }

    [Test]
    [Category(SampledAttribute.Exhaustive)]
    public void SettingsOfAnotherRunAreABeginning()
    {
        _gan.Done($"{Short} --loss lsgan --g-lr 0.01 --d-lr 0.02 --output first");
        _gan.Done("--settings first --output again");
        _gan.Done($"--settings {Path.Combine("first", "settings.json")} --output other --seed 5 --steps 3");
        Assert.That(Generator("again"), Is.EqualTo(Generator("first")));
        var request = Settings("other")["request"]!;
        Assert.That((request["seed"]!.ToString(), request["steps"]!.ToString()), Is.EqualTo(("5", "3")));
        Assert.That(request["objective"]!["loss"]!.ToString(), Is.EqualTo("lsgan"));
        string dry = _gan.Done("--settings first --lr 0.5 --dry-run").Output;
        Assert.That(dry, Does.Match(@"rates +G 0.5, D 0.5"), "a rate for both networks replaces each one's");
        Assert.That(_gan.Done("--settings first --g-lr 0.5 --dry-run").Output, Does.Match(@"rates +G 0.5, D 0.02"));
        _gan.Refused(ExitCode.Data, "--settings nowhere", "There is no run 'nowhere'");
    }

    /// <summary>What is typed over another run's settings replaces what it is a replacement for.</summary>
    [Test]
    [Category(SampledAttribute.Exhaustive)]
    public void WhatIsTypedReplacesWhatItStandsFor()
    {
        _gan.Done("--recipe sdl --dataset digits --limit 64 --batch 32 --steps 2 --threads 2 --output a");
        Assert.That(_gan.Done("--settings a --device emulated --dry-run").Output, Does.Match("device +emulated"), "threads are the cpu's");
        Assert.That(_gan.Done("--settings a --epochs 50 --dry-run").Output, Does.Contain("100 steps of"));
        _gan.Done("--recipe sdl --dataset digits --limit 64 --batch 32 --steps 1 --device emulated --output b");
        Assert.That(_gan.Done("--settings b --threads 1 --dry-run").Output, Does.Match("device +cpu, 1 thread"));
        Assert.That(_gan.Done("--settings a --epochs 50 --steps 60 --dry-run").Output, Does.Contain("60 steps of"));
        Directory.CreateDirectory(_gan["empty"]);
        _gan.Refused(ExitCode.Data, "--settings a --data-dir empty --dataset mnist --dry-run", "empty lacks");
        Assert.That(_gan.Done("--settings a --data-dir empty --dataset digits --dry-run").Error, Does.Contain("--data-dir is not used"));
    }

    /// <summary>What another recipe or data set leaves out of a run's settings is said.</summary>
    [Test]
    public void WhatIsLeftOutOfSettingsIsSaid()
    {
        _gan.Put("own/train-images-idx3-ubyte", FakeMnist.Images);
        _gan.Put("own/train-labels-idx1-ubyte", FakeMnist.Labels);
        const string Asked = "--recipe stable-conv --conditional --batch 2 --steps 1 --limit 8 --samples 4";
        _gan.Done($"{Asked} --dataset mnist --data-dir own --output first");
        Assert.That(
            _gan.Done("--settings first --recipe stable-conv --dry-run").Error, Does.Contain("--conditional of first is left out; type"));
        Assert.That(
            _gan.Done("--settings first --dataset auto --dry-run").Error, Does.Match("--data-dir .*own of first is left out; type"));
        foreach (string more in new[] { "--seed 5", "--dataset digits", "--recipe odog", "--recipe cgan" }) // nothing that could be typed
            Assert.That(_gan.Done($"--settings first {more} --dry-run").Error, Does.Not.Contain("left out"), more);
    }

    /// <summary>A resumed run still says what was asked for, not what was found: another run can start from it elsewhere.</summary>
    [Test]
    public void ResumingKeepsWhatWasAskedFor()
    {
        _gan.Done("--recipe sdl --dataset digits --limit 64 --batch 32 --steps 2 --output run");
        _gan.Done("resume run --steps 3 --keep 5");
        var request = Settings("run")["request"]!;
        Assert.That((request["device"]!.ToString(), request["threads"]), Is.EqualTo(("auto", (JsonNode?)null)));
        Assert.That((request["steps"]!.ToString(), request["keep"]!.ToString()), Is.EqualTo(("3", "5")));
        Assert.That(Settings("run")["device"]!.ToString(), Is.EqualTo("cpu"));
    }

    [Test]
    public void PathsAreKeptInFull()
    {
        _gan.Done($"{Short} --output first");
        _gan.Done($"{Short} --init-from first --output second");
        Assert.That(Settings("second")["request"]!["init_from"]!.ToString(), Is.EqualTo(_gan["first"]));
    }

    [Test]
    public void NetworksWithMoreThanThisRunsAreOthers()
    {
        _gan.Done($"{Short} --spectral-norm --output normed");
        _gan.Refused(ExitCode.Usage, $"{Short} --init-from normed", "--init-from normed has discriminator.", "which this run lacks");
        _gan.Done($"{Short} --spectral-norm --init-from normed --output again");
    }

    [TestCase("--settings", "")]
    [TestCase("--init-from", "")]
    [TestCase("--output", "")]
    [TestCase("--data-dir", "")]
    [TestCase("resume", "", "RUN '' is empty.")]
    [TestCase("sample", "", "RUN '' is empty.")]
    public void AnEmptyValueIsRefused(string option, string value, string? says = null)
    {
        var result = _gan.Run([option, value]);
        Assert.That(result.ExitCode, Is.EqualTo((int)ExitCode.Usage), result.Error);
        GanProgram.Says(result, says ?? $"{option} '' is empty. Give {option} ");
    }

    [TestCase("threads", "-3")]
    [ExhaustiveCase("threads", "100000000")]
    [ExhaustiveCase("device", "\"\"")]
    public void WhatTheProgramResolvedIsCheckedToo(string name, string value)
    {
        _gan.Done($"{Short} --output run");
        var settings = Settings("run");
        settings[name] = JsonNode.Parse(value);
        File.WriteAllText(_gan["run", "settings.json"], settings.ToJsonString());
        var result = _gan.Run("resume run --steps 4");
        Assert.That(result.ExitCode, Is.EqualTo(name == "device" ? (int)ExitCode.Usage : (int)ExitCode.Data), result.Error);
        GanProgram.Says(result, name);
    }

    [Test]
    [Category(SampledAttribute.Exhaustive)]
    public void WeightsOfAnotherRunAreABeginning()
    {
        _gan.Done($"{Short} --output first");
        string checkpoint = Path.Combine("first", "checkpoints", "step-00000002.safetensors");
        _gan.Done($"{Short} --lr 1e-30 --init-from first --ema 0.9 --output same --seed 9");
        _gan.Done($"{Short} --lr 1e-30 --init-from {checkpoint} --output file --seed 9");
        var weights = GanFromScratch.Gan.Files.SafetensorsFile.Read(_gan["first", "generator.safetensors"]);
        foreach (string run in (string[])["same", "file"])
        {
            var file = GanFromScratch.Gan.Files.SafetensorsFile.Read(_gan[run, "generator.safetensors"]);
            foreach (var (name, shape, data) in weights.Tensors)
                Assert.That(file.Values(name, shape).ToArray(), Is.EqualTo(data.ToArray()).Within(1e-7f), $"{run}: {name}");
        }
        Assert.That(Settings("same")["resolved"]!["init_from"]!.ToString(), Has.Length.EqualTo(64));

        // goes on without the other run; begins again only with it, and only if it is as it was
        File.Move(_gan["first", "settings.json"], _gan["elsewhere.json"]);
        Directory.Move(_gan["first"], _gan["moved"]);
        _gan.Done("resume same --steps 4");
        Directory.Delete(_gan["same", "checkpoints"], recursive: true);
        _gan.Refused(ExitCode.Data, "resume same", "first");
        Directory.Move(_gan["moved"], _gan["first"]);
        _gan.Done("resume same");

        _gan.Refused(
            ExitCode.Usage, "--dataset digits --limit 256 --steps 1 --init-from first",
            "--init-from first has generator.fc1.weight of [128, 256]", "Give --recipe sdl");
        _gan.Refused(ExitCode.Data, $"{Short} --init-from nowhere", "nowhere");
        _gan.Refused(ExitCode.Data, $"{Short} --init-from first/generator.safetensors", "generator.safetensors");
    }

    [TestCase("odog", "It is a recipe: `gan --recipe odog` trains it.")]
    [TestCase("MNIST", "It is a data set: `gan --dataset mnist` trains on it.")]
    [TestCase("cuda", "It is a device: `gan --device cuda` trains on it.")]
    [TestCase("tarin", "Did you mean train?")]
    [TestCase("--recipe odgo", "Did you mean odog?")]
    [TestCase("--batchsize 5", "Did you mean --batch-size?")]
    [TestCase("help trian", "Did you mean train?")]
    [TestCase("--spectral-norm=5", "--spectral-norm: '5' is neither true nor false.")]
    public void AWordInTheWrongPlaceIsUnderstood(string arguments, string says) => _gan.Refused(ExitCode.Usage, arguments, says);

    [Test]
    public void ARunInPlaceOfACommandIsUnderstood()
    {
        _gan.Done($"{Short} --output run");
        _gan.Refused(ExitCode.Usage, "run", "It is a run: `gan resume run` goes on with it.");
    }

    [Test]
    public void TheCaseOfNamesDoesNotMatter()
    {
        _gan.Done("Train --Recipe SDL --Dataset Digits --limit 64 --BATCH=32 --steps 1 --Device CPU --abort-on Collapse --output Run");
        Assert.That(Settings("Run")["request"]!["recipe"]!.ToString(), Is.EqualTo("SDL").IgnoreCase);
        _gan.Done("Resume Run --STEPS 2");
        Assert.That(_gan.Done("Recipes ODOG").Output, Does.StartWith("odog: "));
        Assert.That(_gan.Done("help Resume").Output, Is.EqualTo(_gan.Done("resume --help").Output));
        Assert.That(_gan.Done("version").Output, Is.EqualTo(_gan.Done("--version").Output));
        Assert.That(_gan.Done("help").Output, Does.Contain("gan COMMAND"));
    }

    /// <summary>System.CommandLine's own completion: what a shell asks for.</summary>
    [TestCase("gan --recipe ", "hsu", "stable")]
    [TestCase("gan --loss ", "hinge", "wgan-gp")]
    [TestCase("gan --g-", "--g-lr")]
    [TestCase("gan res", "resume")]
    [TestCase("gan interpolate --walk ", "spherical")]
    public void ShellsCompleteNames(string line, params string[] completes)
    {
        var result = _gan.Run([$"[suggest:{line.Length}]", line]);
        Assert.That(result.Output.Split('\n').Select(word => word.Trim()), Is.SupersetOf(completes), result.Error);
    }

    /// <summary>The default is that of the recipe which is asked for.</summary>
    [TestCase("--help", "[default: 128]", "[default: 30000]")]
    [TestCase("--recipe hsu --help", "[default: 256]", "[default: 120]")]
    [TestCase("train --recipe fabo --help", "[default: 100]", "[default: 71]")]
    public void HelpShowsTheRecipesDefaults(string arguments, params string[] says)
    {
        string help = _gan.Done(arguments).Output;
        foreach (string part in says)
            Assert.That(help, Does.Contain(part));
    }

    private JsonObject Settings(string run) => JsonNode.Parse(File.ReadAllText(_gan[run, "settings.json"]))!.AsObject();

    private byte[] Generator(string run) => File.ReadAllBytes(_gan[run, "generator.safetensors"]);
}
