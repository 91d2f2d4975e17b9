using GanFromScratch.Autograd;
using GanFromScratch.Gan.Data;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Images;
using GanFromScratch.Gan.Models;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Gan.Training;
using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>Which place is named when numbers stop being finite.</summary>
[TestFixture]
[Quick]
internal sealed class DivergenceTests
{
    [TestCase("d_loss", "D's loss is not finite any more at step 3 (epoch 2)")]
    [TestCase("g_loss", "G's loss is not finite any more at step 3 (epoch 2)")]
    [TestCase("d_weight", "D's fc1.weight or its gradient is not finite any more at step 3 (epoch 2)")]
    [TestCase("g_bias", "G's fc2.bias or its gradient is not finite any more at step 3 (epoch 2)")]
    [TestCase("d_square", "D's fc2.weight or its gradient is not finite any more at step 3 (epoch 2)")]
    public void TheFirstPlaceIsNamed(string what, string says)
    {
        var heard = new Checkpoints();
        using var cpu = new CpuDevice(2);
        var recipe = new Spoilt { What = what };
        using var trainer = new Trainer(recipe, Request, Images, cpu, lag: 0, recipe.Spoil);
        recipe.Model = trainer.Model;
        var fault = Assert.Throws<GanException>(() => trainer.Run(heard, CancellationToken.None))!;
        Assert.That(fault.Code, Is.EqualTo(ExitCode.Diverged));
        Assert.That(fault.Message, Does.Contain(says).And.Match("--(learning-rate|g-lr) "));
        Assert.That(heard.Steps, Is.EqualTo(new[] { 2 }), "the checkpoint of the first epoch is the last");
    }

    private static RunRequest Request => new() { Batch = 6, Steps = 8, Samples = 6, CheckpointEvery = 1 };

    private static ImageSet Images =>
        new("dots", "here", 12, new PictureShape(3, 3, 1), [.. Enumerable.Range(0, 12 * 9).Select(i => (byte)(i * 7))], null);

    /// <summary>odog's step, in which something goes wrong at the third.</summary>
    private sealed class Spoilt : Recipe
    {
        private int _steps;

        public Spoilt()
        {
            NoiseSize = 5;
            Batch = 6;
            SampleGrid = (2, 3);
        }

        public required string What { get; init; }

        public GanModel? Model { get; set; }

        public override Sequential Generator(LayerFactory make, PictureShape picture) =>
            new(make.Linear(NoiseSize, 7, new LeakyRelu(0.2f)), make.Linear(7, picture.Length, default(Tanh)));

        public override Sequential Discriminator(LayerFactory make, PictureShape picture) =>
            new(make.Linear(picture.Length, 6, new LeakyRelu(0.2f)), make.Linear(6, 1));

        public override void Step(StepContext step)
        {
            using var z = step.Noise.Draw("z", step.Real.Shape.Rows);
            _steps++;
            GanSteps.Alternating(step, z, z, Pass.Training(), Pass.Training());
            if (_steps == 3 && What == "d_loss")
                step.Metrics[Metric.DiscriminatorLoss] = 1 - (double.NaN * step.Metrics[Metric.DiscriminatorLoss]);
            if (_steps == 3 && What == "g_loss")
                step.Metrics[Metric.GeneratorLoss] = double.PositiveInfinity * step.Metrics[Metric.GeneratorLoss];
        }

        public void Spoil(Sequential network, Gradients gradients)
        {
            if (_steps != 3)
                return;
            var (ofD, name, value) = What switch
            {
                "d_weight" => (true, "fc1.weight", float.NaN),
                "g_bias" => (false, "fc2.bias", float.NegativeInfinity),
                "d_square" => (true, "fc2.weight", 1e30f), // finite, but its square is not
                _ => (false, "", 0f),
            };
            if (ofD != (network == Model!.Discriminator)
                || network.Parameters.FirstOrDefault(parameter => parameter.Name == name) is not { } spoilt)
                return;
            var gradient = gradients[spoilt].Value;
            float[] values = gradient.ToArray();
            values[^1] = value;
            gradient.CopyFrom(values);
        }
    }

    private sealed class Checkpoints : IRunSink
    {
        public List<int> Steps { get; } = [];

        public void State(int step, Snapshot snapshot) => Steps.Add(step);
    }
}
