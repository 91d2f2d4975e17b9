using System.Globalization;
using GanFromScratch.Kernels;

namespace GanFromScratch.Autograd;

/// <summary>An activation as data, by PyTorch's name: `LeakyReLU(0.2)`.</summary>
/// <param name="Name">The class in `torch.nn`, where there is one.</param>
/// <param name="Parameter">Its parameter, such as LeakyReLU's slope; null if it has none.</param>
public sealed record ActivationSpec(string Name, float? Parameter = null)
{
    /// <summary>
    /// Describes an activation: by the name of its type, unless it is an <see cref="INamedActivation"/>. Null for <see cref="Identity"/>.
    /// </summary>
    public static ActivationSpec? Of<F>(F activation)
        where F : struct, IActivation => activation switch
        {
            Identity => null,
            INamedActivation named => named.Spec,
            _ => new ActivationSpec(typeof(F).Name),
        };

    /// <inheritdoc/>
    public override string ToString() =>
        Parameter is { } parameter ? string.Create(CultureInfo.InvariantCulture, $"{Name}({parameter})") : Name;
}

/// <summary>An activation with a parameter, or with another name than its type's.</summary>
public interface INamedActivation : IActivation
{
    /// <summary>The activation as data.</summary>
    ActivationSpec Spec { get; }
}
