using GanFromScratch.Autograd;
using GanFromScratch.Gan.Images;
using GanFromScratch.Gan.Models;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan.Evaluation;

// pictures[N,pixels] features[N,64] logits[N,10]

/// <summary>
/// A small network that tells the classes of a data set apart. Its last hidden layer is what pictures are compared by: a few numbers in which what makes
/// a picture one of its class counts, and noise on its pixels doesn't. They are normalised over the training pictures, so that distances in them have
/// much the same scale for every data set. Each class has a probability of its own; they need not add up to 1.
/// </summary>
internal sealed class Classifier : IDisposable
{
    /// <summary>Numbers that a picture comes to: few enough that some hundreds of pictures have a covariance of full rank.</summary>
    public const int Features = 64;

    /// <summary>Classes that labelled sets have here.</summary>
    public const int Classes = 10;

    private const float Keep = 0.8f, Momentum = 0.9f;
    private const int AtOnce = 500;
    private static readonly LeakyRelu Leaky = new(0.1f);
    private readonly Device _device;

    /// <summary>A network with new weights.</summary>
    /// <param name="device">Where.</param>
    /// <param name="shape">The shape of the pictures.</param>
    /// <param name="random">What the weights are drawn from.</param>
    public Classifier(Device device, PictureShape shape, RandomStream random)
    {
        _device = device;
        var make = new LayerFactory(device, Init.GlorotUniform, random);
        Network = new Sequential(
            make.Linear(shape.Length, 512, Leaky), make.BatchNorm(512, Momentum), new Dropout(Keep),
            make.Linear(512, 256, Leaky), make.BatchNorm(256, Momentum), new Dropout(Keep),
            make.Linear(256, Features, Leaky), make.BatchNorm(Features, Momentum),
            make.Linear(Features, Classes));
    }

    /// <summary>Pictures to logits.</summary>
    public Sequential Network { get; }

    /// <summary>What a saved classifier holds.</summary>
    public IEnumerable<Parameter> Values => Network.Parameters.Concat(Network.Statistics);

    /// <summary>Predicts classes of pictures, each by itself.</summary>
    public Predictions Predict(ImageBytes pictures)
    {
        int n = pictures.Count;
        var features = new float[n * Features];
        var classes = new byte[n];
        var confidences = new float[n];
        for (int from = 0; from < n; from += AtOnce)
        {
            int[] some = [.. Enumerable.Range(from, Math.Min(AtOnce, n - from))];
            using var batch = pictures.Batch(_device, some);
            using var tape = new Tape(_device);
            var last = tape.Constant(batch);
            foreach (var layer in Network.Layers.SkipLast(1))
                last = layer.Forward(last, Pass.Inference);
            last.Value.CopyTo(features.AsSpan(from * Features, some.Length * Features));
            float[] probabilities = Network.Layers[^1].Forward(last, Pass.Inference).Sigmoid().Value.ToArray();
            for (int i = 0; i < some.Length; i++)
            {
                var row = probabilities.AsSpan(i * Classes, Classes);
                int best = 0;
                for (int c = 1; c < Classes; c++)
                    best = row[c] > row[best] ? c : best;
                classes[from + i] = (byte)best;
                confidences[from + i] = row[best];
            }
        }
        return new Predictions(features, classes, confidences);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var parameter in Values)
            parameter.Value.Dispose();
    }
}
