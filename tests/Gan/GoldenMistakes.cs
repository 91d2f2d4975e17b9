using GanFromScratch.Autograd;
using GanFromScratch.Gan.Images;
using GanFromScratch.Gan.Models;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>Mistakes that convolutional and conditional networks invite: PyTorch's numbers of `acgan` find each.</summary>
public sealed class GoldenMistakes
{
    [TestCase("nothing", null)]
    [TestCase("padding on the other side", "d_loss[0]")]
    [TestCase("padding on the other side", "grad D/conv1/weight")]
    [TestCase("upsampling smoothed", "grad G/conv1/weight")]
    [TestCase("dropout not scaled", "grad D/conv1/weight")]
    [TestCase("each picture normalised by itself", "grad G/fc1/weight")]
    [TestCase("embedding added", "grad G/fc1/weight")]
    [TestCase("embedding added", "final G/emb/weight")]
    [TestCase("no class loss", "d_loss[0]")]
    [TestCase("no class loss", "grad D/fc2/weight")]
    [TestCase("a frozen D's statistics move", "final D/bn1/running_mean")]
    public void APlantedMistakeIsFound(string mistake, string? where)
    {
        using var device = new CpuDevice(2);
        var wrong = GoldenSteps.Deviations((StepsFile)GoldenFile.Read(GoldenFile.BuiltIn, "acgan"), device, new Spoilt(mistake));
        Assert.That(wrong, where is null ? Is.Empty : Has.Some.StartsWith(where));
    }

    /// <summary>A layer of D that is another, in recipes without and with classes.</summary>
    [TestCase("dcgan", "nothing", null)]
    [TestCase("cgan", "nothing", null)]
    [TestCase("dcgan", "activation first", "grad D/conv3/weight")]
    [TestCase("dcgan", "zeros above and to the left", "grad D/conv3/weight")]
    [TestCase("cgan", "kept and dropped swapped", "d_loss[0]")]
    [TestCase("cgan", "a table added in D", "grad D/fc1/weight")]
    public void APlantedLayerIsFound(string name, string mistake, string? where)
    {
        using var device = new CpuDevice(2);
        var wrong = GoldenSteps.Deviations((StepsFile)GoldenFile.Read(GoldenFile.BuiltIn, name), device, new SpoiltLayer(name, mistake));
        Assert.That(wrong, where is null ? Is.Empty : Has.Some.StartsWith(where));
    }

    /// <summary>Another recipe with one layer of D changed.</summary>
    private sealed class SpoiltLayer : OneDayGan
    {
        private readonly Recipe _whole;
        private readonly string _mistake;
        private readonly LeakyRelu _leaky = new(0.2f);

        public SpoiltLayer(string name, string mistake)
            : base(asWritten: false)
        {
            (_whole, _mistake) = (RecipeBook.BuiltIn.Find(name), mistake);
            Name = name;
            IsConditional = _whole.IsConditional;
        }

        public override Sequential Generator(LayerFactory make, PictureShape picture) => _whole.Generator(make, picture);

        public override Sequential Discriminator(LayerFactory make, PictureShape picture) => Name == "dcgan"
            ? new(
                Reshape.ToPictures(28, 28, 1),
                make.Conv2d(1, 32, Window.Same(3, 2, 28, 28), _leaky),
                new Dropout(0.75f),
                make.Conv2d(32, 64, Window.Same(3, 2, 14, 14), default(Identity)),
                _mistake == "zeros above and to the left" ? new ZeroPad(1, 0, 1, 0) : new ZeroPad(0, 1, 0, 1),
                make.BatchNorm(64, 0.8f),
                new Activation<LeakyRelu>(_leaky),
                new Dropout(0.75f),
                make.Conv2d(64, 128, Window.Same(3, 2, 8, 8), default(Identity)),
                _mistake == "activation first" ? new Activation<LeakyRelu>(_leaky) : make.BatchNorm(128, 0.8f),
                _mistake == "activation first" ? make.BatchNorm(128, 0.8f) : new Activation<LeakyRelu>(_leaky),
                new Dropout(0.75f),
                make.Conv2d(128, 256, Window.Same(3, 1, 4, 4), default(Identity)),
                make.BatchNorm(256, 0.8f),
                new Activation<LeakyRelu>(_leaky),
                new Dropout(0.75f),
                Reshape.Flatten(4, 4, 256),
                make.Linear(4096, 1))
            : new(
                _mistake == "a table added in D" ? make.EmbeddingSum(784) : make.EmbeddingProduct(784),
                make.Linear(784, 512, _leaky),
                make.Linear(512, 512, _leaky),
                new Dropout(_mistake == "kept and dropped swapped" ? 0.4f : 0.6f),
                make.Linear(512, 512, _leaky),
                new Dropout(0.6f),
                make.Linear(512, 1));
    }

    /// <summary>`acgan` with one mistake.</summary>
    private sealed class Spoilt : OneDayGan
    {
        private readonly string _mistake;
        private readonly LeakyRelu _leaky = new(0.2f);

        public Spoilt(string mistake)
            : base(asWritten: false)
        {
            _mistake = mistake;
            Name = "acgan";
            IsConditional = true;
        }

        protected override bool DrawsClassesOfFakes => true;

        public override Sequential Generator(LayerFactory make, PictureShape picture)
        {
            Module up = _mistake == "upsampling smoothed" ? new Smoothed() : new Upsample();
            return new(
                _mistake == "embedding added" ? make.EmbeddingSum(NoiseSize) : make.EmbeddingProduct(NoiseSize),
                make.Linear(NoiseSize, 7 * 7 * 128, default(Relu)),
                Reshape.ToPictures(7, 7, 128),
                _mistake == "each picture normalised by itself" ? new ByItself(make.BatchNorm(128, 0.8f)) : make.BatchNorm(128, 0.8f),
                up,
                make.Conv2d(128, 128, Window.Same(3, 1, 14, 14), default(Relu)),
                make.BatchNorm(128, 0.8f),
                up,
                make.Conv2d(128, 64, Window.Same(3, 1, 28, 28), default(Relu)),
                make.BatchNorm(64, 0.8f),
                make.Conv2d(64, 1, Window.Same(3, 1, 28, 28), default(Tanh)),
                Reshape.Flatten(28, 28, 1));
        }

        public override Sequential Discriminator(LayerFactory make, PictureShape picture) => new(
            Reshape.ToPictures(28, 28, 1),
            make.Conv2d(1, 16, Halving(28), _leaky),
            Drop(),
            make.Conv2d(16, 32, Halving(14), default(Identity)),
            new ZeroPad(0, 1, 0, 1),
            new Activation<LeakyRelu>(_leaky),
            Drop(),
            make.BatchNorm(32, 0.8f),
            make.Conv2d(32, 64, Halving(8), _leaky),
            Drop(),
            make.BatchNorm(64, 0.8f),
            make.Conv2d(64, 128, Window.Same(3, 1, 4, 4), _leaky),
            Drop(),
            Reshape.Flatten(4, 4, 128),
            new Concat(make.Linear(2048, 1), make.Linear(2048, 10)));

        public override void Step(StepContext step)
        {
            var mean = step.Discriminator.Statistics[0].Value;
            base.Step(step);
            if (_mistake == "a frozen D's statistics move")
                mean.CopyFrom([.. mean.ToArray().Select(value => 1.25f * value)]); // a third pass that moves them by a fifth of the way
        }

        protected override Var Realness(Var output) => output.SliceColumns(0, 1);

        protected override Var? ClassLoss(Var output, Tensor? labels, bool isMade) => _mistake == "no class loss"
            ? null
            : output.SliceColumns(1, 10).SoftmaxCrossEntropy(output.Tape.Constant(labels!).OneHot(10));

        private Window Halving(int side) =>
            _mistake == "padding on the other side" && side % 2 == 0 ? Window.Padded(3, 2, 1) : Window.Same(3, 2, side, side);

        private Module Drop() => _mistake == "dropout not scaled" ? new Unscaled() : new Dropout(0.75f);
    }

    /// <summary>What is dropped is dropped, and the rest stays as it is.</summary>
    private sealed class Unscaled : Module
    {
        private readonly Dropout _dropout = new(0.75f);

        public override IReadOnlyList<LayerSpec> Specs => _dropout.Specs;

        public override Var Forward(Var x, Pass pass) => _dropout.Forward(x, pass).Scale(0.75f);
    }

    /// <summary>Between the nearest and the next pixel, as an interpolation has it.</summary>
    private sealed class Smoothed : Module
    {
        private readonly Upsample _nearest = new();

        public override IReadOnlyList<LayerSpec> Specs => _nearest.Specs;

        public override Shape OutputShape(Shape input) => _nearest.OutputShape(input);

        public override Var Forward(Var x, Pass pass)
        {
            var y = _nearest.Forward(x, pass);
            return y.Scale(0.75f).Add(y.ZeroPad(1, 0, 1, 0).Crop(0, 1, 0, 1).Scale(0.25f));
        }
    }

    /// <summary>Mean and variance over the pixels of each picture, not of the batch.</summary>
    private sealed class ByItself(Module norm) : Module
    {
        public override IReadOnlyList<LayerSpec> Specs => norm.Specs;

        public override IReadOnlyList<Parameter> Parameters => norm.Parameters;

        public override IReadOnlyList<Parameter> Statistics => norm.Statistics;

        public override string? NamePrefix => norm.NamePrefix;

        public override Var Forward(Var x, Pass pass)
        {
            var centred = x.Subtract(GlobalAveragePoolOps.RepeatToPixels(x.GlobalAveragePool(), 1f, x.Shape));
            var deviation = centred.Square().GlobalAveragePool().Offset(1e-3f).Sqrt();
            var y = centred.Multiply(GlobalAveragePoolOps.RepeatToPixels(deviation.Reciprocal(), 1f, x.Shape));
            return y.MultiplyRow(x.Tape.Use(norm.Parameters[0])).AddRow(x.Tape.Use(norm.Parameters[1]));
        }
    }
}
