using System.Text.Json;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Losses;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>`gan train` under other losses and regularisers than the recipe's own.</summary>
public sealed class TrainLossTests
{
    private const string Short = "--dataset digits --limit 150 --batch 64 --epochs 1 --threads 2";
    private GanProgram _gan = null!;

    [SetUp]
    public void SetUp() => _gan = new GanProgram();

    [TearDown]
    public void TearDown() => _gan.Dispose();

    private static IEnumerable<string> Losses => AdversarialLoss.All.Select(loss => loss.Name);

    [Sampled(14)]
    public void EveryLossTrainsEveryRecipesNetworks(
        [ValueSource(nameof(Losses))] string loss, [Values("hsu", "odog", "fabo", "sdl", "lornatang", "stable")] string recipe)
    {
        _gan.Done($"{Short} --recipe {recipe} --loss {loss} --d-steps 2 --ema 0.99 --output run");
        using var settings = JsonDocument.Parse(File.ReadAllText(_gan["run", "settings.json"]));
        var objective = settings.RootElement.GetProperty("resolved").GetProperty("objective");
        Assert.That(objective.GetProperty("loss").GetString(), Is.EqualTo(loss));
        Assert.That(objective.GetProperty("gp").GetSingle(), Is.EqualTo(loss == "wgan-gp" ? 10 : 0));
        Assert.That(objective.GetProperty("r1").GetSingle(), Is.EqualTo(recipe == "stable" && loss == "relativistic" ? 1 : 0));
        // batches of 64 pictures, two a step: 150 pictures are two steps of 128 and 22, or one where the last batch must be whole
        bool whole = recipe is "fabo" or "sdl";
        Assert.That(settings.RootElement.GetProperty("total_steps").GetInt32(), Is.EqualTo(whole ? 1 : 2));
    }

    [Test]
    public void AllRegularisersTogether()
    {
        var result = _gan.Done(
            $"{Short} --recipe fabo --loss lsgan --r1 0.1 --r2 0.1 --label-smoothing 0.1 --flip-labels 0.02 --instance-noise 0.1 "
            + "--spectral-norm --ema 0.99 --lr-decay linear --grad-clip 1 --pack 2 --output run");
        Assert.That(
            result.Output,
            Does.Contain("losses  --loss lsgan --r1 0.1 --r2 0.1 --label-smoothing 0.1 --flip-labels 0.02 --instance-noise 0.1 "
                + "--spectral-norm --ema 0.99 --lr-decay linear --grad-clip 1 --pack 2"));
        Assert.That(
            _gan.Done($"{Short} --pack 2 --spectral-norm --dry-run").Output,
            Does.Contain("Linear 1568 → 512, LeakyReLU(0.2), spectral norm"));
    }

    [Test]
    public void TheSameSeedGivesTheSameBytesWhateverTheThreads()
    {
        const string Options =
            "--dataset digits --limit 150 --batch 64 --epochs 1 --recipe stable --instance-noise 0.1 --flip-labels 0 --pack 2";
        _gan.Done($"{Options} --threads 1 --output one");
        _gan.Done($"{Options} --threads 2 --output two");
        Assert.That(
            File.ReadAllBytes(_gan["two", "generator.safetensors"]), Is.EqualTo(File.ReadAllBytes(_gan["one", "generator.safetensors"])));
        _gan.Done($"{Options} --threads 1 --seed 1 --output other");
        Assert.That(
            File.ReadAllBytes(_gan["other", "generator.safetensors"]),
            Is.Not.EqualTo(File.ReadAllBytes(_gan["one", "generator.safetensors"])));
    }

    [Test]
    public void TheStableRecipeTrains()
    {
        var result = _gan.Done($"{Short} --recipe stable --output run");
        Assert.That(
            result.Output,
            Does.Contain("recipe  stable: odog's networks under a relativistic loss")
                .And.Contain("losses  --loss relativistic --r1 1 --r2 1"));
        _gan.Refused(ExitCode.Usage, $"{Short} --recipe stable --as-written", "--as-written");
    }

    [TestCase("--loss wgan --label-smoothing 0.1", "needs labels, and the loss wgan has none")]
    [TestCase("--loss wgan-gp --r1 1", "each would undo the other")]
    [TestCase("--loss wgan-gp --gp 0", "nothing but its penalty")]
    [TestCase("--as-written --loss hinge", "--as-written", "odog", "`--loss hinge`")]
    [TestCase(
        "--loss hing",
        "--loss: 'hing' is unknown. Did you mean hinge? Give one of bce, saturating, lsgan, wgan, wgan-gp, hinge, relativistic")]
    [TestCase("--ema 1", "--ema: '1' is out of range", "below 1")]
    [TestCase("--r1 -1", "--r1: '-1' is out of range")]
    [TestCase("--r1 nan", "--r1: 'nan' is out of range")]
    [TestCase("--label-smoothing 0.5", "below 0.5")]
    [TestCase("--flip-labels x", "--flip-labels: 'x' is not a number")]
    [TestCase("--lr-decay step", "Give one of none, linear, cosine")]
    [TestCase("--d-steps 0", "--d-steps")]
    [TestCase("--recipe odog --mismatch 0.1", "odog is told none", "--recipe stable-conv --conditional")]
    [TestCase("--recipe stable-conv --mismatch 0.1", "stable-conv is told none", "Add --conditional")]
    [TestCase("--recipe stable-conv --conditional --mismatch -1", "--mismatch")]
    [TestCase("--pack 3", "A batch of 64 can't be put into packs of 3")]
    public void NonsenseIsRefused(string arguments, params string[] facts)
    {
        _gan.Refused(ExitCode.Usage, $"{Short} {arguments}", facts);
        Assert.That(Directory.Exists(_gan["runs"]), Is.False);
    }
}
