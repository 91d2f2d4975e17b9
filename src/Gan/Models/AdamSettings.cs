using GanFromScratch.Autograd;

namespace GanFromScratch.Gan.Models;

/// <summary>The settings of one network's optimiser.</summary>
/// <param name="LearningRate">The step size.</param>
/// <param name="Beta1">Decay of the mean of gradients.</param>
/// <param name="Beta2">Decay of the mean of squared gradients.</param>
/// <param name="Epsilon">Added to the root of the squared mean.</param>
public sealed record AdamSettings(float LearningRate, float Beta1, float Beta2, float Epsilon)
{
    /// <summary>Makes the optimiser of a network.</summary>
    /// <param name="network">The network.</param>
    /// <param name="counter">The counter that a second optimiser shares; null: one of its own.</param>
    public Adam Create(Sequential network, StepCounter? counter = null) =>
        new(network.ParameterArray, LearningRate, Beta1, Beta2, Epsilon, counter);

    /// <inheritdoc/>
    public override string ToString() =>
        $"Adam, learning rate {LearningRate:0.######}, beta1 {Beta1}, beta2 {Beta2}, epsilon {Epsilon:0e-0}";
}
