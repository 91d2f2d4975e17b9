using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using GanFromScratch.Autograd;
using GanFromScratch.Gan.Data;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Images;
using GanFromScratch.Gan.Models;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Gan.Training;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>`gan recipes`, `devices`, `data` and `bench`.</summary>
public sealed class InformationTests
{
    private GanProgram _gan = null!;

    [SetUp]
    public void SetUp() => _gan = new GanProgram();

    [TearDown]
    public void TearDown() => _gan.Dispose();

    [Test]
    public void RecipesAreListedQuickly()
    {
        double best = double.MaxValue;
        for (int i = 0; i < 3; i++)
        {
            var watch = Stopwatch.StartNew();
            Assert.That(_gan.RunAlone(["recipes"]).Output, Does.Match("odog +dense GAN"));
            best = Math.Min(best, watch.Elapsed.TotalSeconds);
        }
        TestContext.Out.WriteLine($"{best:F3} s");
        Assert.That(best, Is.LessThan(10)); // 0.1 s on an idle machine
    }

    [Test]
    public void ARecipeIsDescribedLayerByLayer()
    {
        string text = _gan.Done("recipes odog").Output;
        foreach (string part in new[]
        {
            "generator: 1,493,520 parameters (1,489,936 trainable)", "discriminator: 533,505 parameters",
            "Linear 100 → 256, LeakyReLU(0.2)", "[N, 1024]     525,312", "Linear 1024 → 784, Tanh", "BatchNorm 512 (momentum 0.8",
            "from -1 (black) to 1 (white)", "100 numbers, N(0, 1)", "Glorot uniform", "BCE(fake, 1)", "learning rate 0.0002",
            "128 pictures, drawn with replacement",
            "30,000 steps", "5 rows of 5 pictures", "epoch,d_loss,d_accuracy,g_loss", "One Day One GAN", "document:",
            "corrected: a counter for each network",
        })
        {
            Assert.That(text, Does.Contain(part));
        }
    }

    [Test]
    public void ADescriptionFitsATerminalAndSaysWhatIsSetAside([Values("hsu", "odog", "fabo", "sdl", "lornatang")] string recipe)
    {
        string text = _gan.Done($"recipes {recipe}").Output;
        Assert.That(text.Split('\n'), Has.All.Length.LessThanOrEqualTo(80));
        Assert.That(text.Contains("the first 5,000 of a whole MNIST are set aside"), Is.EqualTo(recipe is "fabo" or "sdl"));
        Assert.That(text, Does.Not.Contain("Relu").And.Not.Contain("1E-"));
        string words = string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        foreach (var quirk in RecipeBook.BuiltIn.Find(recipe).Quirks)
            Assert.That(words, Does.Contain($"document: {quirk.Document} corrected: {quirk.Corrected}"));
    }

    [Test]
    public void DevicesSayWhatThereIsAndWhatIsNot()
    {
        string[] lines = _gan.Done("devices").Output.Split('\n');
        Assert.That(lines[0], Does.Match("^cpu       .+"));
        const string Vectors = @"(no vectors|\d+-bit vectors) with.* fused multiply-add";
        Assert.That(lines[1], Does.Match($@"^          {Environment.ProcessorCount} cores?, {Vectors}, [\d.]+ GiB of memory"));
        var catalog = new DeviceCatalog();
        foreach (var (kind, list) in new[] { ("opencl", catalog.OpenCl), ("cuda", catalog.Cuda) })
        {
            if (list.WhyNone is not null)
                Assert.That(lines, Has.One.EqualTo($"{kind,-10}none: {list.WhyNone}"));
            foreach (var device in list.Devices)
            {
                Assert.That(lines, Has.One.StartsWith($"{device.Name,-10}{device.Model}"));
                // of PoCL's it is what is free now
                Assert.That(lines, Has.Some.Matches($@"^          {Regex.Escape(device.Driver)}, [\d.]+ [KMGT]iB of memory$"));
            }
        }
        Assert.That(lines, Has.One.StartsWith("emulated  "));
        Assert.That(lines, Has.One.StartsWith($"--device auto picks {catalog.Best?.Name ?? "cpu: there is no usable graphics processor"}"));
    }

    [Test]
    public void DataSaysWhereAndHow()
    {
        string text = _gan.Done("data").Output;
        Assert.That(text, Does.StartWith("mnist: ").And.Contain("Not there.").And.Contain(_gan["cache", "gan-from-scratch"]));
        Assert.That(text, Does.Contain("train-images-idx3-ubyte.gz").And.Contain("digits: ").And.Contain("it needs no files"));
        Assert.That(_gan.Done("data digits").Output, Does.StartWith("digits: ").And.Not.Contain("mnist:"));
        _gan.Put("cache/gan-from-scratch/train-images-idx3-ubyte", FakeMnist.Images);
        _gan.Put("cache/gan-from-scratch/train-labels-idx1-ubyte", FakeMnist.Labels[..^1]);
        Assert.That(_gan.Done("data mnist").Output, Does.Contain("Damaged: ").And.Contain("cut short"));
    }

    [Test]
    public void BenchPrintsOneJsonObject()
    {
        var result = _gan.RunAlone(["bench", "--recipe", "odog", .. "--steps 10 --threads 2 --batch 16 --device cpu --json".Split(' ')]);
        Assert.That(result.Output.TrimEnd().Split('\n'), Has.Length.EqualTo(1));
        var json = JsonDocument.Parse(result.Output).RootElement;
        double Number(string name) => json.GetProperty(name).GetDouble();
        Assert.That(json.GetProperty("recipe").GetString(), Is.EqualTo("odog"));
        Assert.That(json.GetProperty("device").GetString(), Is.EqualTo("cpu"));
        Assert.That((Number("threads"), Number("batch")), Is.EqualTo((2, 16)));
        Assert.That(Number("p10_s"), Is.Positive.And.LessThanOrEqualTo(Number("median_s_per_step")));
        Assert.That(Number("p90_s"), Is.GreaterThanOrEqualTo(Number("median_s_per_step")));
        Assert.That(Number("images_per_s"), Is.EqualTo(16 / Number("median_s_per_step")).Within(0.1).Percent);
        Assert.That(Number("gflops"), Is.EqualTo(2398355456 / 8.0 / Number("median_s_per_step") / 1e9).Within(1).Percent);
        Assert.That(Number("times_floor"), Is.EqualTo(Number("median_s_per_step") / Number("floor_s_per_step")).Within(1).Percent);
        Assert.That(Number("gflops") * Number("times_floor"), Is.EqualTo(Number("multiply_add_peak_gflops")).Within(1).Percent);
        Assert.That(Number("thread_distance_ns"), Is.GreaterThan(1)); // with both threads on one core a time slice
        Assert.That(Number("peak_rss_mib"), Is.GreaterThan(20).And.LessThan(200));
        Assert.That(Number("rented_bytes_per_step"), Is.Zero);
        Assert.That(Number("allocated_bytes_per_step"), Is.LessThanOrEqualTo(16 * 1024)); // 8,400, whatever the machine
        Assert.That(Number("gc_collections"), Is.LessThan(3));
    }

    [Test]
    public void BenchTimesConditionalForms()
    {
        string[] lines = _gan.Done("bench --conditional --steps 1 --threads 1 --batch 4 --json").Output.TrimEnd().Split('\n');
        var recipes = lines.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("recipe").GetString());
        Assert.That(recipes, Is.EqualTo((string[])["stable-conv"]));
        string without = _gan.Done("bench --recipe stable-conv --steps 1 --threads 1 --batch 4 --json").Output;
        Assert.That(FlopsOf(lines[0]), Is.GreaterThan(FlopsOf(without)), "rows of tables are products here, so a step has more of them");
        Assert.That(JsonDocument.Parse(lines[0]).RootElement.GetProperty("conditional").GetBoolean());
        _gan.Refused(ExitCode.Usage, "bench --recipe odog --conditional --steps 1", "odog has no conditional form");

        static long FlopsOf(string line) => JsonDocument.Parse(line).RootElement.GetProperty("flops_per_step").GetInt64();
    }

    [Sampled(3)]
    public void NoRecipesStepAllocatesMoreThan16KiB([Values("hsu", "odog", "fabo", "sdl", "lornatang", "stable")] string recipe)
    {
        // The process's bytes are counted, and a test runner's own threads allocate at times: the least of three is the step's.
        double least = Enumerable.Range(0, 3).Min(_ =>
        {
            using var device = new CpuDevice(1);
            return StepBenchmark.Run(RecipeBook.BuiltIn.Find(recipe), device, MnistFiles.Shape, batch: 8, steps: 80).AllocatedBytesPerStep;
        });
        Assert.That(least, Is.Positive.And.LessThanOrEqualTo(16 * 1024));
    }

    [Test]
    [Category(SampledAttribute.Exhaustive)]
    public void BenchWithoutJsonIsATableOfAllRecipes()
    {
        string[] lines = _gan.Done("bench --steps 3 --batch 4 --threads 1").Output.TrimEnd().Split('\n');
        Assert.That(lines[0], Is.EqualTo("3 steps on cpu, 1 thread, pictures of 28x28 grey"));
        Assert.That(lines[1], Does.StartWith("recipe").And.Contain("ms a step"));
        Assert.That(lines[^1], Does.StartWith("peak: "), "a legend");
        Assert.That(lines[2..^2].Select(line => line.Split(' ')[0]), Is.EqualTo(RecipeBook.BuiltIn.All.Select(recipe => recipe.Name)));
    }

    [TestCase("hsu", 579_728, 566_273, 2.4966)]
    [TestCase("odog", 1_489_936, 533_505, 2.3984)]
    [TestCase("fabo", 1_489_936, 1_460_225, 3.1943)]
    [TestCase("sdl", 234_512, 201_217, 0.4215)]
    [TestCase("lornatang", 1_489_424, 1_460_225, 3.3355)]
    [TestCase("stable", 1_489_936, 533_505, 3.3529)]
    public void TheNetworksHaveTheirDocumentsSizes(string name, int generator, int discriminator, double gflop)
    {
        const int Rows = 4;
        using var device = new CpuDevice(1);
        var recipe = RecipeBook.BuiltIn.Find(name);
        var make = new LayerFactory(device, recipe.Init, new RandomStream(0, 1));
        Sequential g = recipe.Generator(make, SteppedModel.Row(784)), d = recipe.Discriminator(make, SteppedModel.Row(784));
        Assert.That((g.TrainableCount, d.TrainableCount), Is.EqualTo((generator, discriminator)));
        using var model = new SteppedModel(recipe, device, 784, seed: 0);
        using var real = Tensor.Filled(device, new Shape(Rows, 784), 0.5f);
        _ = model.Step(real);
        long before = device.MatMulFlops;
        _ = model.Step(real); // the first one starts a few things besides
        Assert.That((device.MatMulFlops - before) / Rows * recipe.Batch / 1e9, Is.EqualTo(gflop).Within(5e-5));
    }

    [Test]
    public void OtherPicturesAreTimed()
    {
        var result = _gan.Done("bench --recipe stable-conv --resolution 32 --channels 3 --batch 2 --steps 1 --threads 1 --json");
        var found = JsonDocument.Parse(result.Output).RootElement;
        Assert.That(found.GetProperty("picture").GetString(), Is.EqualTo("32x32x3"));
        _gan.Refused(ExitCode.Usage, "bench --recipe dcgan --resolution 64", "dcgan makes pictures of 28x28, 32x32, not of 64x64 grey");
        string[] recipes = [.. _gan.Done("bench --resolution 96 --batch 1 --steps 1 --threads 1 --json").Output.Trim().Split('\n')
            .Select(line => JsonDocument.Parse(line).RootElement.GetProperty("recipe").GetString()!)];
        Assert.That(recipes, Does.Contain("odog").And.Contain("stable-conv").And.Not.Contain("dcgan"), "those that take them");
    }

    [TestCase("dcgan", 28, 1, 855_809, 392_833)]
    [TestCase("dcgan", 32, 3, 1_050_883, 395_713)]
    [TestCase("cgan", 28, 1, 1_490_936, 935_585)]
    [TestCase("acgan", 28, 1, 857_065, 119_883)]
    [TestCase("acgan", 32, 3, 1_052_139, 132_843)]
    [TestCase("stable-conv", 28, 1, 1_675_361, 836_705)]
    public void ConvolutionalAndConditionalNetworksHaveTheirSizes(string name, int side, int channels, int generator, int discriminator)
    {
        using var device = new CpuDevice(1);
        var recipe = RecipeBook.BuiltIn.Find(name);
        var make = new LayerFactory(device, recipe.Init, new RandomStream(0, 1)) { Classes = recipe.IsConditional ? 10 : 0 };
        var picture = new PictureShape(side, side, channels);
        Sequential g = recipe.Generator(make, picture), d = recipe.Discriminator(make, picture);
        Assert.That((g.TrainableCount, d.TrainableCount), Is.EqualTo((generator, discriminator)));
        Assert.That(g.OutputShape(new Shape(2, recipe.NoiseSize)), Is.EqualTo(new Shape(2, picture.Length)));
        Assert.That(d.OutputShape(new Shape(2, picture.Length)).Rows, Is.EqualTo(2));
    }

    /// <summary>A stage for each halving down to four to seven pixels, in black and white and in colour, told classes or not.</summary>
    [TestCase(28, 2)]
    [TestCase(32, 3)]
    [TestCase(48, 3)]
    [TestCase(64, 4)]
    [TestCase(96, 4)]
    [TestCase(128, 5)]
    public void StableConvHasStagesForEverySize(int side, int stages)
    {
        using var device = new CpuDevice(1);
        foreach (int channels in (int[])[1, 3])
        {
            foreach (var recipe in PublishedStates.Forms(RecipeBook.BuiltIn.Find("stable-conv")))
            {
                Assert.That(recipe.Sides, Does.Contain(side));
                var make = new LayerFactory(device, recipe.Init, new RandomStream(0, 1)) { Classes = recipe.IsConditional ? 10 : 0 };
                var picture = new PictureShape(side, side, channels);
                Sequential g = recipe.Generator(make, picture), d = recipe.Discriminator(make, picture);
                Assert.That(g.Specs.Count(spec => spec.Kind == "ConvTranspose2d"), Is.EqualTo(stages));
                Assert.That(d.Specs.Count(spec => spec.Kind == "Conv2d"), Is.EqualTo(stages));
                Assert.That(g.OutputShape(new Shape(2, recipe.NoiseSize)), Is.EqualTo(new Shape(2, picture.Length)));
                Assert.That(d.OutputShape(new Shape(2, picture.Length)), Is.EqualTo(new Shape(2, 1)));
            }
        }
    }

    [TestCase("hsu", true)]
    [TestCase("odog", true)]
    [TestCase("fabo", true)]
    [TestCase("sdl", true)]
    [TestCase("lornatang", true)]
    [TestCase("stable", false)]
    public void TheDocumentsHaveQuirks(string recipe, bool some) =>
        Assert.That(RecipeBook.BuiltIn.Find(recipe).Quirks, some ? Is.Not.Empty : Is.Empty);

    [Test]
    public void EveryRecipeIsDescribedWhole()
    {
        foreach (var recipe in RecipeBook.BuiltIn.All)
        {
            Assert.That(
                new[] { recipe.Name, recipe.Summary, recipe.Source, recipe.DiscriminatorLoss, recipe.GeneratorLoss, recipe.StepSummary },
                Has.None.Empty, recipe.Name);
            Assert.That(
                new[] { recipe.Batch, recipe.SampleGrid.Rows, recipe.SampleGrid.Columns, recipe.Steps ?? recipe.Epochs ?? 0 },
                Has.All.Positive, recipe.Name);
            Assert.That(RecipeBook.BuiltIn.Find(recipe.Name, asWritten: true).AsWritten, Is.True, recipe.Name);
        }
    }

    [Test]
    public void QuantilesLieBetweenValues()
    {
        double[] sorted = [1, 2, 4, 8];
        Assert.That(new[] { 0, 0.5, 1 }.Select(share => StepBenchmark.Quantile(sorted, share)), Is.EqualTo(new[] { 1.0, 3, 8 }));
        Assert.That(StepBenchmark.Quantile([5], 0.9), Is.EqualTo(5));
    }
}
