using GanFromScratch.Gan.Commands;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

public sealed class CommandLineTests
{
    private GanProgram _gan = null!;

    [SetUp]
    public void SetUp() => _gan = new GanProgram();

    [TearDown]
    public void TearDown() => _gan.Dispose();

    [TestCase("", "gan COMMAND [options]", "--learning-rate, --lr X", "--dry-run", "recipes ", "gan --epochs 5")]
    [TestCase("train", "gan train [options]", "--batch, --batch-size N", "gan train --dataset digits")]
    [TestCase("recipes", "gan recipes [NAME] [options]", "gan recipes odog")]
    [TestCase("devices", "gan devices [options]", "  gan devices ")]
    [TestCase("data", "gan data [NAME] [options]", "gan data mnist")]
    [TestCase("bench", "gan bench [options]", "--json", "gan bench --recipe odog")]
    [TestCase("sample", "gan sample [RUN] [options]", "--npz FILE.npz", "gan sample runs/0001-odog-mnist")]
    [TestCase("resume", "gan resume [RUN] [options]", "--from FILE", "--checkpoint-every N", "gan resume runs/0001-odog-mnist")]
    [TestCase("interpolate", "gan interpolate [RUN] [options]", "--seeds A-B", "gan interpolate runs/0001-odog-mnist")]
    [TestCase("evaluate", "gan evaluate [RUN] [options]", "--images FILE.npz|DIR", "gan evaluate runs/0001-odog-mnist")]
    [TestCase("export", "gan export [RUN] [options]", "--onnx", "--html", "--torch", "gan export runs/0001-odog-mnist")]
    [TestCase("runs", "gan runs [DIR] [options]", "--json", "gan runs experiments --json")]
    [TestCase("serve", "gan serve [RUN|DIR] [options]", "--port N", "--host ADDRESS", "gan serve runs/0001-odog-mnist")]
    [TestCase("compare", "gan compare [RUN] [OTHER] [options]", "--json", "gan compare runs/0001-odog-mnist")]
    [TestCase("verify", "gan verify [options]", "--recipe NAME", "gan verify --recipe odog --device cuda")]
    [TestCase("modes", "gan modes [options]", "--seeds A-B", "--loss bce|saturating", "gan modes --loss bce")]
    public void EveryCommandHasHelpWithExamples(string command, params string[] says)
    {
        var result = _gan.Done($"{command} --help");
        foreach (string part in says.Concat(["Usage:", "Examples:", "--help, -h, -?", "--quiet, -q", "--verbose, -v", "--version"]))
            Assert.That(result.Output, Does.Contain(part));
        Assert.That(result.Error, Is.Empty);
        Assert.That(result.Output, Does.Not.Contain("System."));
    }

    [Test]
    public void HelpComesBeforeFaults() => Assert.That(_gan.Done("train --batch -5 --help").Output, Does.Contain("Usage:"));

    [TestCase("--version")]
    [TestCase("bench --version")]
    public void TheVersion(string arguments) => Assert.That(_gan.Done(arguments).Output, Does.Match(@"^gan \d+\.\d+\.\d+\r?\n$"));

    [TestCase(
        "trian",
        "There is no command 'trian'. Did you mean train? Known are train, resume, sample, interpolate, evaluate, export, runs, serve, "
            + "compare, recipes, devices, data, bench, verify, modes, help, version.")]
    [TestCase("frobnicate", "There is no command 'frobnicate'. Known are")]
    [TestCase("--batc 5", "`gan` has no option --batc. Did you mean --batch?")]
    [TestCase("bench --epochs 5", "`gan bench` has no option --epochs.")]
    [TestCase("train --checkpoint-often=5", "`gan train` has no option --checkpoint-often.")]
    [TestCase("train --keep 0", "--keep: '0' is out of range")]
    [TestCase("train --abort-on divergence", "--abort-on: 'divergence' is unknown. Give one of nothing, collapse.")]
    [TestCase("resume run --batch 5", "--batch is no option of `gan resume`")]
    [TestCase("train more", "`gan train` takes no 'more'")]
    [TestCase("recipes odog more", "takes no 'more'")]
    [TestCase("--steps 5 bench", "--steps is before 'bench'")]
    [TestCase("--batch", "--batch needs a value: --batch N.")]
    [ExhaustiveCase("--output --batch 5", "--output needs a value: --output DIR.")]
    [ExhaustiveCase("--batch 5 --batch 6", "--batch has 2 values")]
    [ExhaustiveCase("--batch -5", "--batch: '-5' is out of range. Give a whole number of at least 1.")]
    [ExhaustiveCase("--batch 0", "--batch: '0' is out of range")]
    [ExhaustiveCase("--batch 1.5", "--batch: '1.5' is not a whole number")]
    [ExhaustiveCase("--batch 99999999999999999999", "--batch: '99999999999999999999' is out of range")]
    [ExhaustiveCase("--epochs 0", "--epochs: '0' is out of range")]
    [ExhaustiveCase("--steps many", "--steps: 'many' is not a whole number")]
    [ExhaustiveCase("--threads 0", "--threads: '0' is out of range. Give a whole number from 1 to 1024.")]
    [ExhaustiveCase("--limit 0", "--limit: '0' is out of range")]
    [ExhaustiveCase("--samples 5000", "--samples: '5000' is out of range. Give a whole number from 1 to 4096.")]
    [ExhaustiveCase("--sample-every -1", "--sample-every: '-1' is out of range")]
    [ExhaustiveCase("--seed -1", "--seed: '-1' is out of range. Give one from 0 to 18446744073709551615.")]
    [ExhaustiveCase("--seed x", "--seed: 'x' is not a whole number")]
    [ExhaustiveCase("--learning-rate nan", "--learning-rate: 'nan' is not a finite number above 0")]
    [ExhaustiveCase("--learning-rate inf", "--learning-rate: 'inf'")]
    [ExhaustiveCase("--learning-rate -0.1", "--learning-rate: '-0.1' is not a finite number above 0")]
    [ExhaustiveCase("--learning-rate 0", "--learning-rate: '0' is not")]
    [ExhaustiveCase("--learning-rate 0,1", "--learning-rate: '0,1' is not a number")]
    [ExhaustiveCase("--recipe nope", "There is no recipe 'nope'. Known are: hsu, odog, fabo, sdl, lornatang")]
    [ExhaustiveCase("recipes nope", "There is no recipe 'nope'")]
    [ExhaustiveCase("bench --recipe nope", "There is no recipe 'nope'")]
    [ExhaustiveCase(
        "--dataset imagenet",
        "There is no data set 'imagenet', nor a folder of that name. Known are auto, mnist, fashion-mnist, cifar10, cifar100, digits, or a "
            + "folder of pictures")]
    [ExhaustiveCase("data imagenet", "There is no data set 'imagenet'")]
    [ExhaustiveCase("--device tpu", "there is no device 'tpu'. Known are auto, cpu, opencl, cuda and emulated")]
    [ExhaustiveCase("--dataset cifar-10", "Did you mean cifar10?")]
    [ExhaustiveCase("data fashion_mnist", "Did you mean fashion-mnist?")]
    [ExhaustiveCase("--dataset cifar10 --limit 50 --recipe lornatang", "A batch of 64 is larger than the 50 pictures that are used")]
    [ExhaustiveCase("--device cuda:x", "there is no device 'cuda:x'")]
    [ExhaustiveCase("--device cpu:1", "there is no device 'cpu:1'")]
    [ExhaustiveCase("--device opencl:", "there is no device 'opencl:'")]
    [ExhaustiveCase("--device cuda:-1", "there is no device 'cuda:-1'")]
    [ExhaustiveCase("--device emulated:0", "there is no device 'emulated:0'")]
    [ExhaustiveCase("--device opencl --threads 2", "--threads counts threads of the cpu, and --device is opencl.")]
    [ExhaustiveCase("bench --threads 1 --device emulated", "--threads counts threads of the cpu, and --device is emulated.")]
    [ExhaustiveCase("--limit 100", "A batch of 128 is larger than the 100 pictures that are used. Choose a --batch of at most 100")]
    [ExhaustiveCase("--dataset digits --dry-run --batch 70000", "A batch of 70,000 is larger than the 60,000 pictures that are used")]
    [ExhaustiveCase("--batch --threads -q", "--batch needs a value: --batch N.")]
    [ExhaustiveCase("bench --steps 0", "--steps: '0' is out of range")]
    public void WrongUsage(string arguments, string says)
    {
        var result = _gan.Refused(ExitCode.Usage, arguments, says);
        Assert.That(result.Output, Is.Empty);
        Assert.That(Directory.Exists(_gan["runs"]), Is.False);
    }

    [TestCase("--device=opencl:99", "--device opencl:99: There is no ", "`gan devices` lists what there is.")]
    [TestCase("train --device cuda:99", "--device cuda:99: There is no ")]
    [TestCase("bench --device cuda:2147483647", "--device cuda:2147483647: There is no ")]
    public void DevicesThatAreNotThere(string arguments, params string[] says)
    {
        var result = _gan.Refused(ExitCode.Device, arguments, says);
        Assert.That(result.Output, Is.Empty);
        Assert.That(Directory.Exists(_gan["runs"]), Is.False);
    }

    [Test]
    public void OnlyVerboseShowsATrace()
    {
        var result = _gan.Run("--recipe nope --verbose");
        Assert.That(result.ExitCode, Is.EqualTo(2));
        Assert.That(result.Error, Does.StartWith("There is no recipe 'nope'").And.Contain("\n   at "));
    }

    [TestCase("recipes -q")]
    [TestCase("-q devices")]
    [TestCase("data --quiet")]
    public void QuietSaysNothing(string arguments)
    {
        var result = _gan.Done(arguments);
        Assert.That(result.Output + result.Error, Is.Empty);
        Assert.That(_gan.Run("-q --recipe nope").Error, Is.Not.Empty);
    }

    [Test]
    public void AnExceptionThatNobodyExpectedIsABug()
    {
        var (code, sentence) = CommandLine.Describe(new InvalidOperationException("This cannot be."));
        Assert.That(code, Is.EqualTo(ExitCode.Bug));
        Assert.That(sentence, Does.Contain("InvalidOperationException: This cannot be.").And.Contain("--verbose"));
        Assert.That(CommandLine.Describe(new OutOfMemoryException()).Code, Is.EqualTo(ExitCode.Device));
        Assert.That(CommandLine.Describe(new DeviceException("It failed.")), Is.EqualTo((ExitCode.Device, "It failed.")));
    }
}
