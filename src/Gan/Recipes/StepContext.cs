using GanFromScratch.Autograd;
using GanFromScratch.Gan.Losses;
using GanFromScratch.Gan.Models;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan.Recipes;

/// <summary>Everything that a training step works on, and what changes from step to step.</summary>
public readonly ref struct StepContext
{
    /// <summary>The recipe that trains.</summary>
    public required Recipe Recipe { get; init; }

    /// <summary>The networks and their optimisers.</summary>
    public required GanModel Model { get; init; }

    /// <summary>The loss and its regularisers.</summary>
    public required Objective Objective { get; init; }

    /// <summary>A batch of real pictures [N, pixels] for each update of D: one, unless the objective asks for more.</summary>
    public required ReadOnlySpan<Tensor> Reals { get; init; }

    /// <summary>The labels [N] of each of those batches; none unless the recipe is conditional.</summary>
    public ReadOnlySpan<Tensor> LabelsOfReals { get; init; }

    /// <summary>The source of noise vectors and masks.</summary>
    public required INoiseSource Noise { get; init; }

    /// <summary>Where the step reports its losses and accuracies.</summary>
    public required DeferredMetrics Metrics { get; init; }

    /// <summary>Pictures in a whole batch; an epoch's last batch may have fewer.</summary>
    public required int Batch { get; init; }

    /// <summary>The step's number in the run, from 1.</summary>
    public required StepScalar Number { get; init; }

    /// <summary>The scheduled factor of both learning rates, and of R1 and R2 where they fall: from 1 downwards.</summary>
    public required StepScalar RateFactor { get; init; }

    /// <summary>The scheduled standard deviation of the noise on D's inputs.</summary>
    public required StepScalar InstanceNoise { get; init; }

    /// <summary>Whether the step measures the norms of gradients, at the cost of two more passes over all of them.</summary>
    public bool MeasuresNorms { get; init; }

    /// <summary>Sees the gradients of every update before it is made.</summary>
    internal Action<Sequential, Gradients>? GradientsSeen { get; init; }

    /// <summary>The batch of real pictures [N, pixels].</summary>
    public Tensor Real => Reals[0];

    /// <summary>The labels [N] of the batch of real pictures; null unless the recipe is conditional.</summary>
    public Tensor? Labels => LabelsOfReals.IsEmpty ? null : LabelsOfReals[0];

    /// <summary>Noise vectors to pictures.</summary>
    public Sequential Generator => Model.Generator;

    /// <summary>Pictures to logits.</summary>
    public Sequential Discriminator => Model.Discriminator;

    /// <summary>Starts a tape on the model's device. The caller disposes it.</summary>
    public Tape NewTape() => Model.NewTape();

    /// <summary>Computes a network's gradients of a loss, clipped if the objective asks for it.</summary>
    public Gradients Differentiate(Sequential network, Tape tape, Var loss)
    {
        var gradients = tape.Gradients(loss, network.ParameterArray);
        GradientsSeen?.Invoke(network, gradients);
        if (MeasuresNorms)
            Metrics[network == Generator ? Metric.GeneratorGradientNorm : Metric.DiscriminatorGradientNorm] = Norm(network, gradients);
        if (Objective.GradientClip > 0)
            gradients.ClipByNorm(network.ParameterArray, Objective.GradientClip);
        return gradients;
    }

    /// <summary>Updates a network by its gradients.</summary>
    public void Apply(Sequential network, Gradients gradients)
    {
        var adam = network == Generator ? Model.GeneratorAdam : Model.DiscriminatorAdam;
        adam.Step(gradients, RateFactor, Number);
        network.Updated();
    }

    /// <summary>Updates a network by the gradients of a loss.</summary>
    public void Update(Sequential network, Tape tape, Var loss) => Apply(network, Differentiate(network, tape, loss));

    private static DeferredMetric Norm(Sequential network, Gradients gradients)
    {
        var parameters = network.ParameterArray;
        var squares = new DeferredScalar[parameters.Length];
        using var square = new Tensor(parameters[0].Value.Device, new Shape(1));
        for (int i = 0; i < parameters.Length; i++)
        {
            Reduce.Sum(default(Square), gradients[parameters[i]].Value, 1f, square);
            squares[i] = square.ReadDeferred();
        }
        return DeferredMetric.NormOf(squares);
    }
}
