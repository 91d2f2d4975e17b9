using GanFromScratch.Autograd;
using GanFromScratch.Gan.Models;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>Layers and networks: names, counts, descriptions, and what a pass does.</summary>
[TestFixture]
[Quick]
internal sealed class NetworkTests
{
    private CpuDevice _device = null!;

    [SetUp]
    public void SetUp() => _device = new CpuDevice(1);

    [TearDown]
    public void TearDown() => _device.Dispose();

    [Test]
    public void ParametersAreNamedAsInPyTorch()
    {
        var make = Make();
        var network = new Sequential(
            make.Linear(5, 7), make.BatchNorm(7, 0.8f), new Dropout(0.5f), make.Linear(7, 3), make.BatchNorm(3, 0.8f));
        Assert.Multiple(() =>
        {
            Assert.That(network.Parameters.Select(p => p.Name + p.Value.Shape), Is.EqualTo(new[]
            {
                "fc1.weight[5,7]", "fc1.bias[7]", "bn1.weight[7]", "bn1.bias[7]",
                "fc2.weight[7,3]", "fc2.bias[3]", "bn2.weight[3]", "bn2.bias[3]",
            }));
            Assert.That(
                network.Statistics.Select(p => p.Name),
                Is.EqualTo(new[] { "bn1.running_mean", "bn1.running_var", "bn2.running_mean", "bn2.running_var" }));
            Assert.That(network.OutputShape(new Shape(2, 5)), Is.EqualTo(new Shape(2, 3)));
            Assert.That(() => network.OutputShape(new Shape(2, 6)), Throws.ArgumentException.With.Message.Contains("[2,6]"));
            Assert.That(network.TrainableCount, Is.EqualTo((5 * 7) + (3 * 7) + (7 * 3) + (3 * 3)));
            Assert.That(network.TotalCount - network.TrainableCount, Is.EqualTo(20));
        });
    }

    [Test]
    public void OdogsCounts()
    {
        var odog = new Odog();
        Sequential g = odog.Generator(Make(), SteppedModel.Row(784)), d = odog.Discriminator(Make(), SteppedModel.Row(784));
        Assert.That((g.TotalCount, g.TrainableCount), Is.EqualTo((1_493_520, 1_489_936)));
        Assert.That((d.TotalCount, d.TrainableCount), Is.EqualTo((533_505, 533_505)));
        Assert.That((g.OutputShape(new Shape(8, 100)), d.OutputShape(new Shape(8, 784))), Is.EqualTo((new Shape(8, 784), new Shape(8, 1))));
    }

    [Test]
    public void Descriptions()
    {
        var make = Make();
        var network = new Sequential(
            make.Linear(5, 7, new LeakyRelu(0.2f)),
            make.BatchNorm(7, 0.8f),
            new Activation<Tanh>(default),
            new Dropout(0.3f),
            make.Linear(7, 1));
        Assert.That(
            network.Description,
            Is.EqualTo("Linear 5 → 7, LeakyReLU(0.2); BatchNorm 7 (momentum 0.8, epsilon 0.001); Tanh; Dropout (keep 0.3); Linear 7 → 1"));
    }

    [Test]
    public void SpecsAreData()
    {
        var make = new LayerFactory(_device, Init.GlorotUniform, new RandomStream(1, 1), new RandomStream(1, 2));
        var network = new Sequential(
            make.Linear(5, 7, new LeakyRelu(0.2f)), make.BatchNorm(7, 0.8f), new Activation<Relu>(default), new Dropout(0.3f));
        Assert.That(network.Specs, Is.EqualTo(new LayerSpec[]
        {
            new("Linear") { Inputs = 5, Outputs = 7, Activation = new("LeakyReLU", 0.2f), SpectralNorm = true },
            new("BatchNorm") { Outputs = 7, Momentum = 0.8f, Epsilon = 1e-3f },
            new("Activation") { Activation = new("ReLU") },
            new("Dropout") { Keep = 0.3f },
        }));
        Assert.That(
            network.Description,
            Is.EqualTo("Linear 5 → 7, LeakyReLU(0.2), spectral norm; BatchNorm 7 (momentum 0.8, epsilon 0.001); ReLU; Dropout (keep 0.3)"));
    }

    [Test]
    public void LayersOfPicturesSayTheirShapes()
    {
        var network = new Sequential(
            Reshape.ToPictures(3, 2, 4), new Upsample(), new ZeroPad(0, 1, 2, 0), Reshape.Flatten(7, 6, 4),
            Make(classes: 10).EmbeddingProduct(168));
        using var tape = new Tape(_device);
        using var labels = Tensor.From(_device, new Shape(5), [9, 0, 3, 3, 1]);
        var y = network.Forward(tape.Own(Uniform(5, 24)), Pass.Inference with { Labels = tape.Constant(labels).OneHot(10) });
        Assert.Multiple(() =>
        {
            Assert.That(network.Description, Is.EqualTo(
                "Unflatten 3x2x4; Upsample; ZeroPad 0 above, 1 below, 2 left, 0 right; Flatten 7x6x4; EmbeddingProduct 10 x 168"));
            Assert.That(network.OutputShape(new Shape(5, 24)), Is.EqualTo(y.Shape).And.EqualTo(new Shape(5, 168)));
            Assert.That(network.Parameters.Select(p => p.Name + p.Value.Shape), Is.EqualTo(new[] { "emb.weight[10,168]" }));
            foreach (var layer in (Module[])[new Upsample(), new ZeroPad(0, 1, 0, 1)])
                Assert.That(() => layer.OutputShape(new Shape(5, 24)), Throws.ArgumentException.With.Message.Contains("[5,24]"));
            Assert.That(
                () => Make(classes: 10).EmbeddingProduct(24).OutputShape(new Shape(5, 168)),
                Throws.ArgumentException.With.Message.EqualTo("EmbeddingProduct 10 x 24: the input is [5,168], not [N,24]"));
        });
    }

    /// <summary>A residual block, channels side by side, and the mean of each: shapes are those of the values.</summary>
    [Test]
    public void BlocksOfPicturesAreJoined()
    {
        var make = Make();
        var block = new Sum(new Sequential(), make.Conv2d(3, 3, Window.Padded(3, 1, 1), new LeakyRelu(0.2f)));
        var network = new Sequential(
            Reshape.ToPictures(4, 2, 3), block, new Concat(new Sequential(), make.Conv2d(3, 5, Window.Padded(3, 1, 1), default(Identity))),
            new GlobalAveragePool());
        using var tape = new Tape(_device);
        var x = tape.Own(Uniform(2, 24));
        var pictures = x.Reshape(new Shape(2, 4, 2, 3));
        var y = network.Forward(x, Pass.Inference);
        Assert.Multiple(() =>
        {
            Assert.That(network.Description, Is.EqualTo(
                "Unflatten 4x2x3; Conv2d 3 → 3, 3x3 /1 padded by 1, LeakyReLU(0.2); Sum; "
                + "Conv2d 3 → 5, 3x3 /1 padded by 1; Concat; GlobalAveragePool"));
            Assert.That(network.OutputShape(new Shape(2, 24)), Is.EqualTo(y.Shape).And.EqualTo(new Shape(2, 8)));
            var moved = block.Forward(pictures, Pass.Inference).Subtract(block.Parts[1].Forward(pictures, Pass.Inference));
            Numbers.AssertClose(moved.Value.ToArray(), [.. x.Value.ToArray()], 1e-6, "what the residual is added to");
            float[] kept = block.Forward(pictures, Pass.Inference).GlobalAveragePool().Value.ToArray(), means = y.Value.ToArray();
            Assert.That((float[])[.. means[..3], .. means[8..11]], Is.EqualTo(kept), "the first channels are the block's");
            Assert.That(
                () => new GlobalAveragePool().OutputShape(new Shape(2, 24)), Throws.ArgumentException.With.Message.Contains("[2,24]"));
            Assert.That(
                () => new Concat(new Sequential(), new Upsample()).OutputShape(new Shape(2, 4, 2, 3)),
                Throws.ArgumentException.With.Message.Contains("[2,4,2,3] with [2,8,4,3]"));
        });
    }

    /// <summary>A bias that batch normalisation takes away again has no gradient, to the bit; by running statistics it has one.</summary>
    [Test]
    public void ABiasBeforeBatchNormalisationHasAGradientOfZero()
    {
        var make = Make();
        var network = new Sequential(
            Reshape.ToPictures(4, 2, 3), make.Conv2d(3, 5, Window.Padded(3, 1, 1), default(Identity)), make.BatchNorm(5, 0.8f),
            new Activation<LeakyRelu>(new LeakyRelu(0.2f)));
        var bias = network.Parameters.Single(parameter => parameter.Name == "conv1.bias");
        Assert.That(Gradient(Pass.Training()), Is.EqualTo(new float[5]));
        Assert.That(Gradient(Pass.Inference), Has.All.Not.Zero);

        float[] Gradient(Pass pass)
        {
            using var tape = new Tape(_device);
            var y = network.Forward(tape.Own(Uniform(7, 24)), pass);
            return tape.Gradients(y.Square().Sum(), [bias])[bias].Value.ToArray();
        }
    }

    /// <summary>Noise or pictures times the row of their label, which learns unless the pass is detached.</summary>
    [Test]
    public void AnEmbeddingProductMultipliesByTheLabelsRow()
    {
        using var tape = new Tape(_device);
        var layer = Make(classes: 4).EmbeddingProduct(19);
        var table = layer.Parameters[0];
        float[] t = table.Value.ToArray();
        Assert.That(t.Max(Math.Abs), Is.LessThanOrEqualTo(0.05f).And.GreaterThan(0.04f));
        using var labels = Tensor.From(_device, new Shape(3), [2, 0, 2]);
        var x = tape.Variable(tape.Own(Uniform(3, 19)).Value);
        var pass = Pass.Inference with { Labels = tape.Constant(labels).OneHot(4) };
        var y = layer.Forward(x, pass);
        float[] xs = x.Value.ToArray(), of = [.. xs.Select((_, i) => t[((i / 19) == 1 ? 0 : 2 * 19) + (i % 19)])];
        Assert.That(y.Value.ToArray(), Is.EqualTo(xs.Zip(of, (a, b) => a * b)));
        Assert.That(tape.Gradients(y.Sum(), [x])[x].Value.ToArray(), Is.EqualTo(of));
        float[] slopes = [.. xs[19..38], .. new float[19], .. xs[..19].Zip(xs[38..], (a, b) => a + b), .. new float[19]];
        Assert.That(tape.Gradients(y.Sum(), [table])[table].Value.ToArray(), Is.EqualTo(slopes));
        var detached = layer.Forward(tape.Constant(x.Value), pass with { Detached = true });
        Assert.That(detached.RequiresGradient, Is.False);
        Assert.That(
            () => layer.Forward(x, Pass.Inference),
            Throws.ArgumentException.With.Message.EqualTo(
                "EmbeddingProduct 4 x 19: the pass has no labels; give it a one-hot row [4] for each row of [3,19]"));
    }

    /// <summary>Noise plus the row of its label, and a judgement with a part for each label: its features times the label's row.</summary>
    [Test]
    public void AnEmbeddingIsAddedAndProjectedOn()
    {
        using var tape = new Tape(_device);
        var (sum, projection) = (Make(classes: 4).EmbeddingSum(3), new Sequential(Make(classes: 4).Projection(3)));
        using var labels = Tensor.From(_device, new Shape(2), [2, 0]);
        var x = tape.Own(Uniform(2, 3));
        var pass = Pass.Inference with { Labels = tape.Constant(labels).OneHot(4) };
        float[] xs = x.Value.ToArray(), t = sum.Parameters[0].Value.ToArray();
        Assert.That(sum.Forward(x, pass).Value.ToArray(), Is.EqualTo(xs.Select((value, i) => value + t[i < 3 ? 6 + i : i - 3])));
        Assert.That(
            projection.Parameters.Select(p => p.Name + p.Value.Shape),
            Is.EqualTo(new[] { "fc1.weight[3,1]", "fc1.bias[1]", "emb.weight[4,3]" }));
        Assert.That(projection.Description, Is.EqualTo("Linear 3 → 1; EmbeddingDot 4 x 3; Sum"));
        Assert.That(projection.OutputShape(new Shape(2, 3)), Is.EqualTo(new Shape(2, 1)));
        float[] w = projection.ParameterArray[0].Value.ToArray(), rows = projection.ParameterArray[2].Value.ToArray();
        float[] expected = [.. Enumerable.Range(0, 2).Select(
            n => Enumerable.Range(0, 3).Sum(c => xs[(3 * n) + c] * (w[c] + rows[(n == 0 ? 6 : 0) + c])))];
        Assert.That(projection.Forward(x, pass).Value.ToArray(), Is.EqualTo(expected).Within(1e-6f));
        Assert.That(
            () => new Sum(Make(classes: 4).EmbeddingSum(3), Make(classes: 4).Projection(3)).OutputShape(new Shape(2, 3)),
            Throws.ArgumentException.With.Message.Contains("the outputs are [2,3] and [2,1]"));
    }

    [Test]
    public void ADenseLayerIsItsFormula()
    {
        using var tape = new Tape(_device);
        var layer = Make().Linear(6, 19, default(Sigmoid));
        RandomNumbers.Normal(new RandomStream(1, 2), 0, 1, layer.Parameters[1].Value);
        var x = tape.Own(Uniform(11, 6));
        float[] xs = x.Value.ToArray(), w = layer.Parameters[0].Value.ToArray(), b = layer.Parameters[1].Value.ToArray();
        float[] y = layer.Forward(x, Pass.Inference).Value.ToArray();
        for (int i = 0; i < y.Length; i++)
        {
            int n = i / 19, o = i % 19;
            double sum = b[o] + Enumerable.Range(0, 6).Sum(k => (double)xs[(n * 6) + k] * w[(k * 19) + o]);
            Assert.That(y[i], Is.EqualTo(1 / (1 + Math.Exp(-sum))).Within(1e-6));
        }
    }

    [Test]
    public void AnActivationOfItsOwnIsTheFusedOne()
    {
        using var tape = new Tape(_device);
        var fused = Make().Linear(6, 19, default(Tanh));
        var plain = Make().Linear(6, 19);
        var x = tape.Own(Uniform(11, 6));
        var apart = new Activation<Tanh>(default).Forward(plain.Forward(x, Pass.Inference), Pass.Inference);
        Assert.That(apart.Value.ToArray(), Is.EqualTo(fused.Forward(x, Pass.Inference).Value.ToArray()));
    }

    [Test]
    public void BatchNormMovesItsStatisticsAsKerasDoes()
    {
        const float Momentum = 0.8f;
        var layer = new Autograd.BatchNorm(_device, 1, Momentum);
        Parameter mean = layer.Statistics[0], variance = layer.Statistics[1];
        using var x = Tensor.From(_device, new Shape(4, 1), [1, 2, 3, 10]); // mean 4, biased variance 12.5, unbiased 16.67
        double expectedMean = 0, expectedVariance = 1;
        for (int step = 0; step < 3; step++)
        {
            using var tape = new Tape(_device);
            layer.Forward(tape.Constant(x), Pass.Training());
            expectedMean = (Momentum * expectedMean) + ((1 - Momentum) * 4);
            expectedVariance = (Momentum * expectedVariance) + ((1 - Momentum) * 12.5);
            Assert.That(mean.Value.Item(), Is.EqualTo(expectedMean).Within(1e-5));
            Assert.That(variance.Value.Item(), Is.EqualTo(expectedVariance).Within(1e-5), "the biased variance");
        }
    }

    [Test]
    public void APassSaysWhatBatchNormDoes()
    {
        var layer = new Autograd.BatchNorm(_device, 3, 0.8f);
        using var x = Tensor.From(_device, new Shape(2, 3), [1, 2, 3, 5, 8, 13]);
        float[] before = layer.Statistics[0].Value.ToArray();
        float[] Run(Pass pass)
        {
            using var tape = new Tape(_device);
            return layer.Forward(tape.Constant(x), pass).Value.ToArray();
        }
        float[] inference = Run(Pass.Inference), batch = Run(new Pass(BatchStatistics: true));
        Assert.Multiple(() =>
        {
            // New statistics are mean 0 and variance 1: inference divides by √1.001, Keras' epsilon.
            Assert.That(inference[4], Is.EqualTo(8 / Math.Sqrt(1.001)).Within(1e-5));
            Assert.That(batch[0], Is.EqualTo(-2 / Math.Sqrt(4 + 1e-3)).Within(1e-5));
            Assert.That(layer.Statistics[0].Value.ToArray(), Is.EqualTo(before), "only a pass that says so moves them");
        });
        Assert.That(Run(Pass.Training()), Is.EqualTo(batch));
        Assert.That(layer.Statistics[0].Value.ToArray(), Is.Not.EqualTo(before));
    }

    private LayerFactory Make(int classes = 0) => new(_device, Init.GlorotUniform, new RandomStream(1, 1)) { Classes = classes };

    private Tensor Uniform(int rows, int columns)
    {
        var values = new Tensor(_device, new Shape(rows, columns));
        RandomNumbers.Uniform(new RandomStream(9, 9), -1, 1, values);
        return values;
    }
}
