using System.Globalization;
using GanFromScratch.Autograd;
using GanFromScratch.Gan.Files;
using GanFromScratch.Gan.Images;
using GanFromScratch.Gan.Models;
using GanFromScratch.Gan.Recipes;

namespace GanFromScratch.Gan.Runs;

/// <summary>A copy of a generator in PyTorch's layout, to be written while training runs. Copied again, it needs no new memory.</summary>
internal sealed class GeneratorExport
{
    private readonly List<(string Name, int[] Shape, float[] Values)> _tensors = [];
    private Dictionary<string, string> _metadata = [];
    private float[] _scratch = [];

    /// <summary>Copies a generator and what describes it.</summary>
    /// <param name="recipe">The recipe that trained it.</param>
    /// <param name="shape">The shape of its pictures.</param>
    /// <param name="generator">The generator.</param>
    /// <param name="classes">The names of the classes of one's own pictures; null: there are none.</param>
    /// <param name="step">Training steps that it has behind it.</param>
    public void Copy(Recipe recipe, PictureShape shape, Sequential generator, IReadOnlyList<string>? classes, int step)
    {
        _metadata = new() { [GeneratorFile.StepName] = step.ToString(CultureInfo.InvariantCulture) };
        GeneratorFile.Describe(_metadata, recipe, shape, generator, classes);
        Parameter[] parameters = [.. generator.Layers.SelectMany(layer => layer.Parameters.Concat(layer.Statistics))];
        for (int i = 0; i < parameters.Length; i++)
        {
            var value = parameters[i].Value;
            if (i == _tensors.Count)
                _tensors.Add((parameters[i].Name, TorchLayout.ShapeOf(parameters[i]), new float[value.Count]));
            if (_scratch.Length < value.Count)
                _scratch = new float[value.Count];
            value.CopyTo(_scratch.AsSpan(0, value.Count));
            TorchLayout.Export(parameters[i], _scratch.AsSpan(0, value.Count), _tensors[i].Values);
        }
    }

    /// <summary>Writes the copy as a safetensors file.</summary>
    public void Write(string path) => AtomicFile.Write(path, stream => Safetensors.Write(
        stream, _tensors.Select(tensor => (tensor.Name, tensor.Shape, (ReadOnlyMemory<float>)tensor.Values)), _metadata));
}
