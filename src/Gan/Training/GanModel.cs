using System.Runtime.CompilerServices;
using GanFromScratch.Autograd;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan;

/// <summary>The two networks of a recipe on a device, with their optimisers.</summary>
public sealed class GanModel
{
    /// <summary>New networks, their weights drawn from the seed.</summary>
    /// <param name="recipe">What to build.</param>
    /// <param name="device">Where.</param>
    /// <param name="pixels">Numbers in one picture.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="learningRate">In place of the recipe's own, for both networks.</param>
    public GanModel(Recipe recipe, Device device, int pixels, ulong seed, float? learningRate = null)
    {
        Device = device;
        Generator = recipe.Generator(new LayerFactory(device, recipe.Init, Streams.GeneratorInit.Of(seed)), pixels);
        Discriminator = recipe.Discriminator(new LayerFactory(device, recipe.Init, Streams.DiscriminatorInit.Of(seed)), pixels);
        GeneratorAdam = Make(Generator, recipe.GeneratorAdam, learningRate);
        DiscriminatorAdam = Make(Discriminator, recipe.DiscriminatorAdam, learningRate);
    }

    /// <summary>Where the networks are.</summary>
    public Device Device { get; }

    /// <summary>Noise to pictures.</summary>
    public Sequential Generator { get; }

    /// <summary>Pictures to logits.</summary>
    public Sequential Discriminator { get; }

    /// <summary>The generator's optimiser.</summary>
    public Adam GeneratorAdam { get; }

    /// <summary>The discriminator's optimiser.</summary>
    public Adam DiscriminatorAdam { get; }

    /// <summary>Whether steps measure their gradients' norms: two more passes over all gradients.</summary>
    public bool MeasureGradients { get; set; }

    /// <summary>Sees the gradients of every update, before it is made.</summary>
    internal Action<Sequential, Gradients>? GradientsSeen { get; set; }

    /// <summary>The share of numbers above 0: of logits, those that say "real".</summary>
    public static double ShareOfPositive(Tensor logits)
    {
        using var share = new Tensor(logits.Device, new Shape(1));
        Reduce.Sum(default(Positive), logits, 1f / logits.Count, share);
        return share.Item();
    }

    /// <summary>One update of a network that descends a loss.</summary>
    public void Update(Sequential network, Tape tape, Var loss, ref StepResult result)
    {
        bool isGenerator = network == Generator;
        var gradients = tape.Gradients(loss, network.ParameterArray);
        GradientsSeen?.Invoke(network, gradients);
        if (MeasureGradients && isGenerator)
            result.GeneratorGradientNorm = Norm(network, gradients);
        else if (MeasureGradients)
            result.DiscriminatorGradientNorm = Norm(network, gradients);
        (isGenerator ? GeneratorAdam : DiscriminatorAdam).Step(gradients);
    }

    /// <summary>Pictures [N, pixels] from noise [N, z], in inference mode, on the host.</summary>
    public float[] Sample(Tensor noise)
    {
        using var tape = new Tape(Device);
        return Generator.Forward(tape.Constant(noise), Pass.Inference).Value.ToArray();
    }

    private static Adam Make(Sequential network, AdamSettings settings, float? learningRate) =>
        new(network.ParameterArray, learningRate ?? settings.LearningRate, settings.Beta1, settings.Beta2, settings.Epsilon);

    private double Norm(Sequential network, Gradients gradients)
    {
        using var square = new Tensor(Device, new Shape(1));
        double sum = 0;
        foreach (var parameter in network.ParameterArray)
        {
            Reduce.Sum(default(Square), gradients[parameter].Value, 1f, square);
            sum += square.Item();
        }
        return Math.Sqrt(sum);
    }

    /// <summary>1 above 0, else 0: for counting.</summary>
    private readonly struct Positive : IMap
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Forward<V>(V x)
            where V : struct, ILane<V> => V.IfPositive(x, V.Of(1f), V.Of(0f));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Backward<V>(V x, V y, V dy)
            where V : struct, ILane<V> => V.Of(0f);
    }
}
